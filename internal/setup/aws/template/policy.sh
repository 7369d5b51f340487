[[ .Comments ]]aws iam create-policy \
  --policy-name [[ shell .Name ]] \
  --policy-document [[ shell (.Permission.JSON "") ]]
