aws iam create-open-id-connect-provider \
  --url [[ shell .Trust.Issuer ]] \
  --client-id-list [[ shell .Trust.Audience ]]

[[ .Rendered ]]