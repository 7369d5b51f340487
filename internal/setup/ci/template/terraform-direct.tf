# In the workspace, as environment variables:
#   TFC_AWS_PROVIDER_AUTH = true
#   TFC_AWS_RUN_ROLE_ARN = [[ .Role ]]
provider "aws" {
  region = "[[ .Region ]]"
}
