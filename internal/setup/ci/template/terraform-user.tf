provider "aws" {
  region = "[[ .Region ]]"
}
