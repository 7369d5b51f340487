package aws

import (
	"cmp"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/windlass-io/windlass/iam/generate"
)

// MaxLaunchLocations is the number of locations that [LaunchTemplate] supports.
const MaxLaunchLocations = 8

const (
	maxTemplateURL = 1024 // in characters, CloudFormation's limit
	maxLaunchURL   = 8000 // in characters, the length that browsers and mail programs keep
)

// Launch describes a link to CloudFormation's console that creates the role.
type Launch struct {
	// TemplateURL is the address of a published [LaunchTemplate]: an object in
	// S3 that the customer's account can read, because CloudFormation only
	// reads templates from S3. If empty, the customer uploads the template
	// that [Render] writes.
	TemplateURL string
	Region      string // Region of the stack; if empty or in another partition, the partition's first
	RoleName    string // empty: "windlass"
	Trust       generate.Trust
	Need        generate.Need
}

// URL returns the address of CloudFormation's console page. With a published
// template it is the page that only needs confirmation, with all parameters
// filled in; else it is the page for an upload. All parameters come after the
// "#", which browsers don't send to servers. URL returns an error for a role
// that can't be put into a policy.
//
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cfn-console-create-stacks-quick-create-links.html
func (l Launch) URL() (string, error) {
	partition, err := l.Need.Partition.Normalize()
	if err != nil {
		return "", err
	}
	region := l.Region
	if region == "" || !hasRegion(partition, region) {
		region = defaultRegion(partition)
	}
	home := "https://" + region + "." + consoleHost(partition) + "/cloudformation/home?region=" + region + "#/stacks/"
	if l.TemplateURL == "" {
		return home + "create", nil
	}
	if err := CheckTemplateURL(l.TemplateURL); err != nil {
		return "", err
	}
	parameters, err := l.parameters()
	if err != nil {
		return "", err
	}
	name := cmp.Or(l.RoleName, "windlass")
	link := home + "quickcreate?templateURL=" + escaped(l.TemplateURL) + "&stackName=" + escaped(stackName(name))
	for _, p := range append([][2]string{{"RoleName", name}}, parameters...) {
		link += "&param_" + p[0] + "=" + escaped(p[1])
	}
	if len(link) > maxLaunchURL {
		return home + "create", nil
	}
	return link, nil
}

// parameters returns the template's parameters that have a value.
func (l Launch) parameters() ([][2]string, error) {
	if _, err := generate.TrustPolicy(l.Trust); err != nil {
		return nil, err
	}
	need, err := l.Need.Normalize()
	if err != nil {
		return nil, err
	}
	if len(need.Locations) > MaxLaunchLocations {
		return nil, invalid("locations", fmt.Sprint(len(need.Locations)), "the template supports %d locations",
			MaxLaunchLocations)
	}
	if need.Access == generate.Write || need.Versions {
		return nil, invalid("access", string(need.Access),
			"the template supports read and readwrite, without old versions")
	}
	out := [][2]string{
		{"PrincipalArn", l.Trust.PrincipalARN},
		{"ExternalIds", strings.Join(l.Trust.ExternalIDs, ",")},
		{"Access", string(need.Access)},
	}
	if l.Trust.Vending {
		out = append(out, [2]string{"Vending", "true"})
	}
	for i, location := range need.Locations {
		out = append(out, [2]string{fmt.Sprintf("Bucket%d", i+1), location.Bucket})
		if location.Prefix != "" {
			out = append(out, [2]string{fmt.Sprintf("Prefix%d", i+1), location.Prefix})
		}
	}
	if len(need.KMSKeyARNs) > 0 {
		out = append(out, [2]string{"KmsKeyArns", strings.Join(need.KMSKeyARNs, ",")},
			[2]string{"KmsServices", strings.Join(kmsServices(need), ",")})
	}
	return out, nil
}

// kmsServices returns the names of S3 in the Regions of a need's keys, whose
// ARNs are arn:PARTITION:kms:REGION:ACCOUNT:key/ID.
func kmsServices(need generate.Need) []string {
	var out []string
	for _, arn := range need.KMSKeyARNs {
		out = append(out, "s3."+strings.Split(arn, ":")[3]+"."+need.Partition.DNSSuffix())
	}
	slices.Sort(out)
	return slices.Compact(out)
}

var (
	s3Host = regexp.MustCompile(
		`^([a-z0-9][a-z0-9.-]*\.)?s3[.-]([a-z0-9-]+\.)*amazonaws\.com(\.cn)?$|^([a-z0-9][a-z0-9.-]*\.)?s3\.amazonaws\.com$`,
	)
	notInStack = regexp.MustCompile(`[^A-Za-z0-9-]+`)
)

// CheckTemplateURL validates the address of a published template.
// CloudFormation supports https:// addresses of objects in S3 of at most 1,024
// characters. The error is an [*InputError].
func CheckTemplateURL(address string) error {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" || u.User != nil || u.Fragment != "" || u.Port() != "" ||
		!s3Host.MatchString(u.Host) ||
		len(u.Path) < 2 ||
		len(address) > maxTemplateURL {
		return invalid("template_url", address,
			"CloudFormation only reads templates from S3; use an address such as "+
				"https://BUCKET.s3.REGION.amazonaws.com/windlass.yaml")
	}
	return nil
}

// stackName returns a stack name for a role: letters, digits and hyphens, with a
// letter first.
func stackName(role string) string {
	name := strings.Trim(notInStack.ReplaceAllString(role, "-"), "-")
	if name == "" || !strings.ContainsAny(name[:1], "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") {
		name = "windlass-" + name
	}
	return strings.TrimSuffix(name, "-")
}

// escaped escapes a value for the part after the "#", where a "+" isn't a space.
func escaped(value string) string { return strings.ReplaceAll(url.QueryEscape(value), "+", "%20") }
