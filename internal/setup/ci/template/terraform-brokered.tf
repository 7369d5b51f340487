# In the workspace, as environment variables:
#   TFC_WORKLOAD_IDENTITY_AUDIENCE_WINDLASS = [[ .Server ]]
#   WINDLASS_URL = [[ .Server ]]
#   WINDLASS_WORKSPACE = [[ .Workspace ]]
#   WINDLASS_GRANT = [[ .Name ]]
provider "aws" {
  region              = "[[ .Region ]]"
  shared_config_files = ["${path.root}/.windlass/aws.ini"]
  profile             = "windlass"
}
