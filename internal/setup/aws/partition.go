package aws

import (
	"regexp"
	"strings"

	"github.com/windlass-io/windlass/iam/generate"
)

var regionName = regexp.MustCompile(`^[a-z]{2}(-[a-z]+)+-[0-9]$`)

// hasRegion reports whether a Region belongs to the partition.
func hasRegion(p generate.Partition, region string) bool {
	if !regionName.MatchString(region) {
		return false
	}
	switch p {
	case generate.China:
		return strings.HasPrefix(region, "cn-")
	case generate.GovCloud:
		return strings.HasPrefix(region, "us-gov-")
	case generate.AWS:
	}
	return !strings.HasPrefix(region, "cn-") && !strings.HasPrefix(region, "us-gov-")
}

// defaultRegion returns the partition's first Region.
func defaultRegion(p generate.Partition) string {
	switch p {
	case generate.China:
		return "cn-north-1"
	case generate.GovCloud:
		return "us-gov-west-1"
	case generate.AWS:
	}
	return "us-east-1"
}

// consoleHost returns the host of the partition's console.
func consoleHost(p generate.Partition) string {
	switch p {
	case generate.China:
		return "console.amazonaws.cn"
	case generate.GovCloud:
		return "console.amazonaws-us-gov.com"
	case generate.AWS:
	}
	return "console.aws.amazon.com"
}
