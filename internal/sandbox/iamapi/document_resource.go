package iamapi

import (
	"fmt"
	"slices"
	"strings"

	"github.com/windlass-io/windlass/iam"
)

var partitions = []string{"aws", "aws-cn", "aws-us-gov", "aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f", "aws-eusc"}

func checkResources(s iam.Statement) error {
	for _, list := range []*iam.List{s.Resource, s.NotResource} {
		if list == nil {
			continue
		}
		for _, resource := range list.Values {
			if err := checkResource(resource.Value); err != nil {
				return err
			}
		}
	}
	return nil
}

func checkResource(text string) error {
	if text == "*" {
		return nil
	}
	head, rest, colon := strings.Cut(text, ":")
	partition, rest, more := strings.Cut(rest, ":")
	short := strings.Count(text, ":") < 5
	switch {
	case !colon:
		return malformedPolicy(`Resource %s must be in ARN format or "*".`, text)
	case head == "arn" && short && more && !slices.Contains(partitions, partition):
		return malformedPolicy("The policy failed legacy parsing")
	case !slices.Contains(partitions, partition) && !strings.ContainsAny(partition, "*?$"):
		return malformedPolicy("Partition %q is not valid for resource %q.", partition, wholeARN(partition, rest))
	case !more:
		return malformedPolicy("Resource vendor must be fully qualified and cannot contain regexes.")
	case head != "arn" || short || strings.HasPrefix(rest, ":"):
		return malformedPolicy("The policy failed legacy parsing")
	}
	return checkPlace(text, strings.SplitN(rest, ":", 4))
}

// wholeARN returns an ARN with stars for its missing parts, as in IAM's
// messages.
func wholeARN(partition, rest string) string {
	parts := strings.SplitN(rest, ":", 4)
	if rest == "" {
		parts = nil
	}
	for len(parts) < 4 {
		parts = append(parts, "*")
	}
	return fmt.Sprintf("arn:%s:%s", partition, strings.Join(parts, ":"))
}

// regional are the resources of S3 that have a region in their ARN.
var regional = []string{
	"accesspoint/",
	"job/",
	"storage-lens/",
	"storage-lens-group/",
	"async-request/",
	"access-grants/",
	"*",
	"?",
}

// paths are the prefixes of IAM resource paths.
var paths = []string{
	"user/", "federated-user/", "role/", "group/", "instance-profile/", "mfa/", "server-certificate/", "policy/",
	"sms-mfa/", "saml-provider/", "oidc-provider/", "report/", "access-report/",
}

// checkPlace validates an ARN's parts, from the service on, against IAM's own
// resources and those of S3.
func checkPlace(text string, parts []string) error {
	service, region, path := parts[0], parts[1], parts[3]
	begins := func(prefix string) bool { return strings.HasPrefix(path, prefix) }
	switch {
	case service == "iam" && region != "":
		return malformedPolicy("IAM resource %s cannot contain region information.", text)
	case service == "s3" && region != "" && !slices.ContainsFunc(regional, begins):
		return malformedPolicy("Resource %s can not contain region information.", text)
	case service == "iam" && path != "*" && !slices.ContainsFunc(paths, begins):
		return malformedPolicy(`IAM resource path must either be "*" or start with %s.`, strings.Join(paths, ", "))
	}
	return nil
}
