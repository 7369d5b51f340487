package lint

import (
	"regexp"
	"slices"
	"strings"

	"github.com/windlass-io/windlass/iam"
	"github.com/windlass-io/windlass/iam/reference"
)

var resourceRules = []rule{
	{resources, (*checker).resourceARNs},
	{of(iam.Resource), (*checker).bucketResources},
	{of(iam.Identity, iam.Session), (*checker).bucketWildcards},
}

// partitions are all AWS partitions, including the isolated and European ones.
var partitions = []string{"aws", "aws-cn", "aws-us-gov", "aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f", "aws-eusc"}

var (
	account    = regexp.MustCompile(`^(?:[0-9]{12}|aws)?$`)
	bareBucket = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](?:/.*)?$`)
	// bucketText matches bucket names, including old ones with upper-case letters
	// and underscores.
	bucketText = regexp.MustCompile(`^[A-Za-z0-9._*?-]+$`)
)

func (c *checker) resourceARNs(s *statement) {
	for _, r := range s.resourceElements() {
		if r.Value == "*" {
			continue
		}
		if a, ok := parseARN(r.Value); ok {
			c.arnFields(r, a)
			continue
		}
		c.report(
			"invalid-arn",
			r.place,
			completed(r),
			"%q is not an ARN. Use the form arn:partition:service:region:account:resource, such as "+
				"arn:aws:s3:::bucket/*.",
			shorten(r.Value),
		)
	}
}

// completed corrects an S3 ARN with missing colons, or a bare bucket name.
func completed(r entry) edit {
	begin := "arn:aws:s3:"
	switch {
	case strings.HasPrefix(r.Value, begin):
		rest := strings.TrimLeft(r.Value[len(begin):], ":")
		if !strings.Contains(rest, ":") && rest != "" {
			return replace(r.Position, begin+"::"+rest)
		}
	case bareBucket.MatchString(r.Value):
		return replace(r.Position, begin+"::"+r.Value)
	}
	return nil
}

func (c *checker) arnFields(r entry, a arn) {
	c.arnPartition(r, a)
	if wildcards(a.service) {
		c.report("wildcard-in-service", r.place, nil,
			"The service in %q has a wildcard, so it also matches services that AWS adds later. Name the service.",
			shorten(r.Value))
		return
	}
	switch {
	case a.resource == "":
		c.report("invalid-arn", r.place, nil, "%q has no resource after its last colon.", shorten(r.Value))
		return
	case a.service == "" || strings.ToLower(a.service) != a.service:
		fixed := a
		fixed.service = strings.ToLower(a.service)
		c.report("invalid-arn", r.place, replace(r.Position, fixed.String()),
			"The service %q of %q must be in lower case.", a.service, shorten(r.Value))
		return
	case !account.MatchString(a.account) && !wildcards(a.account) && !strings.Contains(a.account, "${"):
		c.report("invalid-arn", r.place, nil, "The account %q of %q must have 12 digits.", shorten(a.account),
			shorten(r.Value))
		return
	}
	c.regionAndAccount(r, a)
	if name, _, ok := a.bucket(); ok && !bucketText.MatchString(starred(name)) {
		c.report("invalid-arn", r.place, nil, "%q can't be the name of a bucket. Replace it with your bucket's name.",
			shorten(name))
	}
}

func (c *checker) arnPartition(r entry, a arn) {
	known := func(p string) bool { return reference.Match(a.partition, p) }
	if strings.Contains(a.partition, "${") || slices.ContainsFunc(partitions, known) {
		return
	}
	fixed := a
	fixed.partition = "aws"
	c.report("invalid-partition", r.place, replace(r.Position, fixed.String()),
		"Unknown partition %q. Use aws, aws-cn or aws-us-gov.", shorten(a.partition))
}

// regionAndAccount compares two fields with the formats of the service's
// resource types. A field is wrong if all types leave it empty, or if all have
// it.
func (c *checker) regionAndAccount(r entry, a arn) {
	candidates := a.candidates()
	if len(candidates) == 0 {
		return
	}
	fixed := a
	switch {
	case a.region != "" && a.region != "*" && all(candidates, func(form arn) bool { return form.region == "" }):
		fixed.region = ""
		c.report("arn-region-not-allowed", r.place, replace(r.Position, fixed.String()),
			"ARNs of %s %ss have no Region. Remove %q.", a.service, candidates[0].Name, a.region)
	case a.region == "" && all(candidates, func(form arn) bool { return form.region != "" }):
		c.report("invalid-arn", r.place, nil, "ARNs of %s %ss have a Region. Add it, or *, to %q.", a.service,
			candidates[0].Name, shorten(r.Value))
	}
	switch {
	case a.account != "" && a.account != "*" && !strings.Contains(a.account, "${") &&
		all(candidates, func(form arn) bool { return form.account == "" }):
		fixed.account = ""
		c.report("arn-account-not-allowed", r.place, replace(r.Position, fixed.String()),
			"ARNs of %s %ss have no account. Remove %q.", a.service, candidates[0].Name, a.account)
	case a.account == "" && all(candidates, func(form arn) bool { return form.account != "" }):
		c.report("invalid-arn", r.place, nil, "ARNs of %s %ss have an account. Add its 12 digits to %q.", a.service,
			candidates[0].Name, shorten(r.Value))
	}
}

func (a arn) String() string {
	return "arn:" + a.partition + ":" + a.service + ":" + a.region + ":" + a.account + ":" + a.resource
}

// bucketResources reports resources outside the policy's bucket. If the bucket
// isn't known, it is the first one that the policy names.
func (c *checker) bucketResources(s *statement) {
	for _, r := range s.resourceElements() {
		a, ok := parseARN(r.Value)
		switch {
		case r.Value == "*":
			c.otherBucket(s, r, "*")
		case !ok:
		case a.service != "s3" && !wildcards(a.service):
			c.report("unsupported-resource-in-policy", r.place, removeValue(s, r),
				"%q is a resource of %s. A bucket policy can only name its bucket and the objects in it.",
				shorten(r.Value), a.service)
		default:
			if name, _, isBucket := a.bucket(); isBucket {
				c.otherBucket(s, r, name)
			}
		}
	}
}

func (c *checker) otherBucket(_ *statement, r entry, name string) {
	own := c.bucket
	if own == "" && name != "*" || name == own {
		return
	}
	var fix edit
	if c.options.BucketName != "" {
		fixed := arn{partition: "aws", service: "s3", resource: own}
		if a, ok := parseARN(r.Value); ok {
			_, key := cutKey(a.resource)
			fixed.partition = a.partition
			if key != "" {
				fixed.resource += "/" + key
			}
			fix = replace(r.Position, fixed.String())
		}
	}
	if own == "" {
		own = "the bucket"
	}
	c.report("bucket-policy-other-bucket", r.place, fix,
		"%q is not in %s. S3 rejects a policy that names anything outside its own bucket.", shorten(r.Value), own)
}

// firstBucket returns the first bucket that the policy names without wildcards.
func (c *checker) firstBucket() string {
	for i := range c.policy.Statements {
		s := &c.policy.Statements[i]
		for _, l := range []*iam.List{s.Resource, s.NotResource} {
			if l == nil {
				continue
			}
			for _, value := range l.Values {
				a, ok := parseARN(value.Value)
				if name, _, isBucket := a.bucket(); ok && isBucket && !wildcards(name) && name != "" {
					return name
				}
			}
		}
	}
	return ""
}

// bucketWildcards reports bucket names with wildcards.
func (c *checker) bucketWildcards(s *statement) {
	if !s.allow {
		return
	}
	for _, r := range s.resources {
		a, ok := parseARN(r.Value)
		name, key, isBucket := a.bucket()
		if !ok || !isBucket || !wildcards(plain(name)) || strings.Trim(name, "*") == "" {
			continue
		}
		c.report(
			"unanchored-bucket-wildcard",
			r.place,
			anchored(s, r, a, name, key),
			"%q also matches buckets of other owners, because anyone can create a bucket with a matching name. "+
				"Write the whole bucket name.",
			shorten(r.Value),
		)
	}
}

// anchored corrects "bucket*", which usually stands for the bucket and its
// objects.
func anchored(s *statement, r entry, a arn, name, key string) edit {
	whole, ok := strings.CutSuffix(name, "*")
	if !ok || wildcards(whole) || len(whole) < 3 || key != "" {
		return nil
	}
	whole = strings.TrimRight(whole, "-.")
	var values []string
	of := levelsOf(s)
	a.resource = whole
	if of.bucket || !of.object {
		values = append(values, a.String())
	}
	if of.object || !of.bucket {
		a.resource = whole + "/*"
		values = append(values, a.String())
	}
	return replaceWith(r, values)
}
