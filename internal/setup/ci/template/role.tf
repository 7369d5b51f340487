resource "aws_iam_openid_connect_provider" "ci" {
  url            = [[ printf "%q" .Trust.Issuer ]]
  client_id_list = [[ printf "[%q]" .Trust.Audience ]]
}

[[ .Rendered ]]