aws iam list-access-keys --user-name [[ shell .Name ]] --query 'AccessKeyMetadata[].[AccessKeyId,Status,CreateDate]' --output table
aws iam create-access-key --user-name [[ shell .Name ]]
# Give the new key to the CI and wait for a job to pass. Then, with the old key's ID:
aws iam update-access-key --user-name [[ shell .Name ]] --access-key-id "$OLD_KEY_ID" --status Inactive
# A day later, if nothing has failed:
aws iam delete-access-key --user-name [[ shell .Name ]] --access-key-id "$OLD_KEY_ID"
