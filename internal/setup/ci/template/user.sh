aws iam create-user --user-name [[ shell .Name ]]
aws iam put-user-policy \
  --user-name [[ shell .Name ]] \
  --policy-name bucket \
  --policy-document [[ shell .Policy ]]
aws iam create-access-key --user-name [[ shell .Name ]]
