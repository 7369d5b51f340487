[[ .Comments ]]# Store with AWS's IAM API, such as Ceph's gateway since Squid, with the keys of
# the account's root user:   sh windlass-setup.sh
# MinIO, with an alias of mc: sh windlass-setup.sh minio ALIAS
# The script prints the access key and its secret. Give them only to Windlass,
# with the endpoint [[ .Endpoint ]].
set -eu

export AWS_DEFAULT_REGION="${AWS_DEFAULT_REGION:-us-east-1}"
name=[[ shell .Name ]]
policy=[[ shell (.Permission.JSON "") ]]

case ${1:-aws} in
aws)
  aws --endpoint-url [[ .Endpoint ]] iam create-user --user-name "$name" >&2
  aws --endpoint-url [[ .Endpoint ]] iam put-user-policy --user-name "$name" --policy-name [[ shell .PolicyName ]] --policy-document "$policy"
  aws --endpoint-url [[ .Endpoint ]] iam create-access-key --user-name "$name" --query 'AccessKey.[AccessKeyId,SecretAccessKey]' --output text
  ;;
minio)
  secret=$(od -An -N20 -tx1 /dev/urandom | tr -d ' \n')
  printf '%s' "$policy" | mc admin policy create "$2" "$name" /dev/stdin >&2
  printf '%s\n%s\n' "$name" "$secret" | mc admin user add "$2" >&2
  mc admin policy attach "$2" "$name" --user "$name" >&2
  printf '%s\t%s\n' "$name" "$secret"
  ;;
esac
