[[ .Comments ]]
[[- if .Exists ]]aws iam update-assume-role-policy \
  --role-name [[ shell .Name ]] \
  --policy-document [[ shell (.Trust.JSON "") ]]
[[ else ]]aws iam create-role \
  --role-name [[ shell .Name ]] \
  --assume-role-policy-document [[ shell (.Trust.JSON "") ]]
[[ end ]]
aws iam put-role-policy \
  --role-name [[ shell .Name ]] \
  --policy-name [[ shell .PolicyName ]] \
  --policy-document [[ shell (.Permission.JSON "") ]]

aws iam get-role \
  --role-name [[ shell .Name ]] \
  --query Role.Arn --output text
