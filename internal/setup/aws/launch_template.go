package aws

import (
	"fmt"
	"strings"

	"github.com/windlass-io/windlass/iam/generate"
)

// LaunchTemplate is the CloudFormation template that serves every integration
// of one Windlass: what [Render] writes into a template is a parameter here. It
// is published once, in S3, and [Launch] makes the links to it.
//
// Listing has a statement for each location, since a condition on s3:prefix
// holds for all resources of its statement: two buckets in one would each be
// open at the other's prefix too.
func LaunchTemplate() string {
	var out strings.Builder
	out.WriteString(launchHead)
	for n := 1; n <= MaxLaunchLocations; n++ {
		bucket := `"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$"`
		if n > 1 {
			bucket = `"^$|` + bucket[2:] + "\n    Default: \"\""
		}
		fmt.Fprintf(&out, "  Bucket%[1]d:\n    Type: String\n    AllowedPattern: %[2]s\n  Prefix%[1]d:\n    Type: String\n    AllowedPattern: \"^$|^[^*?$/][^*?$]*/$\"\n    Default: \"\"\n", n, bucket)
	}
	out.WriteString(launchConditions)
	for n := 1; n <= MaxLaunchLocations; n++ {
		fmt.Fprintf(&out, "  Location%[1]d: !Not [!Equals [!Ref Bucket%[1]d, \"\"]]\n  Whole%[1]d: !Equals [!Ref Prefix%[1]d, \"\"]\n", n)
	}
	out.WriteString(launchRole)
	for n := 1; n <= MaxLaunchLocations; n++ {
		fmt.Fprintf(&out, launchList, n)
	}
	for _, s := range []struct{ condition, name, actions string }{
		{"Location1", "ReadObjects", `"s3:GetObject"`},
		{"Writes", "WriteObjects", `"s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"`},
	} {
		fmt.Fprintf(&out, "              - Fn::If:\n                  - %s\n                  - Sid: %s\n                    Effect: Allow\n                    Action: [%s]\n                    Resource:\n", s.condition, s.name, s.actions)
		for n := 1; n <= MaxLaunchLocations; n++ {
			fmt.Fprintf(&out, "                      - !If [Location%[1]d, !Sub \"arn:${AWS::Partition}:s3:::${Bucket%[1]d}/${Prefix%[1]d}*\", !Ref \"AWS::NoValue\"]\n", n)
		}
		out.WriteString("                  - !Ref \"AWS::NoValue\"\n")
	}
	for _, s := range [][3]string{{"HasKeys", "UseKeys", "kms:Decrypt"}, {"Encrypts", "EncryptWithKeys", "kms:GenerateDataKey"}} {
		fmt.Fprintf(&out, launchKeys, s[0], s[1], s[2])
	}
	out.WriteString("Outputs:\n  RoleArn:\n    Description: Give this to Windlass.\n    Value: !GetAtt Role.Arn\n")
	return out.String()
}

const launchHead = `AWSTemplateFormatVersion: "2010-09-09"
Description: The role through which Windlass reaches declared locations in S3, and nothing else.
Parameters:
  RoleName:
    Type: String
    AllowedPattern: "^[A-Za-z0-9_+=,.@-]{1,64}$"
    Default: windlass
  PrincipalArn:
    Type: String
    Description: Who Windlass is to AWS. Windlass shows it as the User ARN.
    AllowedPattern: "^arn:aws(-cn|-us-gov)?:iam::[0-9]{12}:(root|(user|role)/[^*?$]+)$"
  ExternalIds:
    Type: CommaDelimitedList
    Description: The External ID that Windlass shows; two while one takes the other's place.
    AllowedPattern: "^[0-9a-f]{32}$"
  Access:
    Type: String
    AllowedValues: [read, readwrite]
    Default: read
  Vending:
    Type: String
    Description: Whether sessions may bear Windlass's names for people and jobs.
    AllowedValues: ["true", "false"]
    Default: "false"
  KmsKeyArns:
    Type: CommaDelimitedList
    Description: Keys that the objects are encrypted with, if any.
    Default: ""
  KmsServices:
    Type: CommaDelimitedList
    Description: S3 in the Regions of these keys, as in s3.eu-west-1.amazonaws.com.
    Default: ""
`

const launchConditions = `Conditions:
  Writes: !Equals [!Ref Access, readwrite]
  Vends: !Equals [!Ref Vending, "true"]
  HasKeys: !Not [!Equals [!Join ["", !Ref KmsKeyArns], ""]]
  Encrypts: !And [!Condition Writes, !Condition HasKeys]
`

const launchRole = `Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      RoleName: !Ref RoleName
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal:
              AWS: !Ref PrincipalArn
            Action: "sts:AssumeRole"
            Condition:
              StringEquals:
                "sts:ExternalId": !Ref ExternalIds
          - Fn::If:
              - Vends
              - Effect: Allow
                Principal:
                  AWS: !Ref PrincipalArn
                Action: "sts:SetSourceIdentity"
                Condition:
                  StringLike:
                    "sts:SourceIdentity": "` + generate.VendedIdentity + `*"
              - !Ref "AWS::NoValue"
          - Fn::If:
              - Vends
              - Effect: Allow
                Principal:
                  AWS: !Ref PrincipalArn
                Action: "sts:TagSession"
                Condition:
                  "ForAllValues:StringLike":
                    "aws:TagKeys": "` + generate.VendedTag + `*"
                  "Null":
                    "aws:TagKeys": "false"
              - !Ref "AWS::NoValue"
      Policies:
        - PolicyName: ` + policyName + `
          PolicyDocument:
            Version: "2012-10-17"
            Statement:
`

const launchList = `              - Fn::If:
                  - Location%[1]d
                  - Sid: ListLocation%[1]d
                    Effect: Allow
                    Action: "s3:ListBucket"
                    Resource: !Sub "arn:${AWS::Partition}:s3:::${Bucket%[1]d}"
                    Condition:
                      Fn::If:
                        - Whole%[1]d
                        - !Ref "AWS::NoValue"
                        - StringLike:
                            "s3:prefix": !Sub "${Prefix%[1]d}*"
                  - !Ref "AWS::NoValue"
`

// Each key is of one Region and is used through S3 of that Region alone, so the
// two lists need not be paired.
const launchKeys = `              - Fn::If:
                  - %s
                  - Sid: %s
                    Effect: Allow
                    Action: "%s"
                    Resource: !Ref KmsKeyArns
                    Condition:
                      StringEquals:
                        "kms:ViaService": !Ref KmsServices
                  - !Ref "AWS::NoValue"
`
