package lint

import (
	"regexp"
	"slices"
	"strings"

	"github.com/windlass-io/windlass/iam"
	"github.com/windlass-io/windlass/iam/reference"
)

var actionRules = []rule{
	{everyKind, (*checker).actionNames},
	{of(iam.Resource), (*checker).bucketActions},
}

var actionForm = regexp.MustCompile(`^[A-Za-z0-9*?-]+:[A-Za-z0-9*?-]+$`)

// apiCalls are API operations that an action of another name allows, as S3's
// documentation lists them.
var apiCalls = map[string][]string{
	"s3:listobjects":                {"s3:ListBucket"},
	"s3:listobjectsv2":              {"s3:ListBucket"},
	"s3:headbucket":                 {"s3:ListBucket"},
	"s3:headobject":                 {"s3:GetObject"},
	"s3:listbuckets":                {"s3:ListAllMyBuckets"},
	"s3:listobjectversions":         {"s3:ListBucketVersions"},
	"s3:listmultipartuploads":       {"s3:ListBucketMultipartUploads"},
	"s3:listparts":                  {"s3:ListMultipartUploadParts"},
	"s3:copyobject":                 {"s3:GetObject", "s3:PutObject"},
	"s3:uploadpartcopy":             {"s3:GetObject", "s3:PutObject"},
	"s3:uploadpart":                 {"s3:PutObject"},
	"s3:createmultipartupload":      {"s3:PutObject"},
	"s3:completemultipartupload":    {"s3:PutObject"},
	"s3:deleteobjects":              {"s3:DeleteObject"},
	"s3:selectobjectcontent":        {"s3:GetObject"},
	"s3:getbucketencryption":        {"s3:GetEncryptionConfiguration"},
	"s3:putbucketencryption":        {"s3:PutEncryptionConfiguration"},
	"s3:getbucketlifecycle":         {"s3:GetLifecycleConfiguration"},
	"s3:putbucketlifecycle":         {"s3:PutLifecycleConfiguration"},
	"s3:getbucketreplication":       {"s3:GetReplicationConfiguration"},
	"s3:getpublicaccessblock":       {"s3:GetBucketPublicAccessBlock"},
	"s3:putpublicaccessblock":       {"s3:PutBucketPublicAccessBlock"},
	"s3:getobjectlockconfiguration": {"s3:GetBucketObjectLockConfiguration"},
	"s3:deletebucketcors":           {"s3:PutBucketCORS"},
	"s3:deletebucketencryption":     {"s3:PutEncryptionConfiguration"},
	"s3:deletebucketlifecycle":      {"s3:PutLifecycleConfiguration"},
	"s3:deletebuckettagging":        {"s3:PutBucketTagging"},
}

func (c *checker) actionNames(s *statement) {
	for _, a := range s.actionElements() {
		if a.Value == "*" || strings.Contains(a.Value, "${") {
			continue // the variable rules report it
		}
		if !actionForm.MatchString(a.Value) {
			c.report("invalid-action-format", a.place, prefixed(a),
				"The action %q is malformed. Use the form service:name, such as s3:GetObject.", shorten(a.Value))
			continue
		}
		c.actionName(a)
	}
}

// prefixed adds the prefix s3: to an action without a service, if S3 has it.
func prefixed(a entry) edit {
	if found := reference.FindAction("s3:" + a.Value); found != nil {
		return replace(a.Position, found.String())
	}
	return nil
}

func (c *checker) actionName(a entry) {
	prefix, name, _ := strings.Cut(a.Value, ":")
	if wildcards(prefix) {
		c.report("wildcard-in-service", a.place, nil,
			"The service in %q has a wildcard, so it also matches services that AWS adds later. Name each service.",
			a.Value)
	}
	switch service := reference.FindService(prefix); {
	case len(a.covers) > 0 || !a.looked:
		return
	case service == nil && !wildcards(prefix):
		right := c.nearest(prefix, reference.Services())
		c.report("unknown-service", a.place, replaceAction(a, right, name), "Unknown service prefix %q.%s", prefix,
			didYouMean(right))
	case apiCalls[strings.ToLower(a.Value)] != nil:
		right := apiCalls[strings.ToLower(a.Value)]
		c.report("unknown-action", a.place, replaceWith(a, right), "%s is an S3 API operation, not an action. Use %s.",
			a.Value, strings.Join(right, " and "))
	case service != nil && !wildcards(name):
		right := c.nearest(name, actionNames(service))
		c.report("unknown-action", a.place, replaceAction(a, service.Prefix, right), "%s has no action %q.%s",
			service.Name, name, didYouMean(right))
	default:
		c.report("unknown-action", a.place, nil, "No action matches %q.", a.Value)
	}
}

func actionNames(service *reference.Service) []string {
	names := make([]string, len(service.Actions))
	for i := range service.Actions {
		names[i] = service.Actions[i].Name
	}
	return names
}

func replaceAction(a entry, prefix, name string) edit {
	if found := reference.FindAction(prefix + ":" + name); found != nil {
		return replace(a.Position, found.String())
	}
	return nil
}

// replaceWith replaces an action with one or more others.
func replaceWith(a entry, actions []string) edit {
	return func(d *draft) bool {
		n := d.value(d.root, a.Position)
		if n == nil {
			return false
		}
		*n = list(actions...)
		flatten(d.root)
		return true
	}
}

// flatten merges arrays of strings into the array that contains them.
func flatten(n *iam.Node) {
	for i := range n.Members {
		flatten(&n.Members[i].Value)
	}
	var elements []iam.Node
	for i := range n.Elements {
		e := &n.Elements[i]
		flatten(e)
		if e.Kind == iam.ArrayNode && n.Kind == iam.ArrayNode && len(e.Elements) > 0 &&
			e.Elements[0].Kind == iam.StringNode {
			elements = append(elements, e.Elements...)
			continue
		}
		elements = append(elements, *e)
	}
	n.Elements = elements
}

// didYouMean returns a sentence that suggests a name, or "".
func didYouMean(name string) string {
	if name == "" {
		return ""
	}
	return " Did you mean " + name + "?"
}

// bucketActions finds actions of services other than S3.
func (c *checker) bucketActions(s *statement) {
	for _, a := range s.actionElements() {
		prefix, _, ok := strings.Cut(strings.ToLower(a.Value), ":")
		if !ok || reference.Match(prefix, "s3") || !actionForm.MatchString(a.Value) ||
			reference.FindService(prefix) == nil && !wildcards(prefix) {
			continue
		}
		c.report("unsupported-action-in-policy", a.place, removeValue(s, a),
			"%s is not an S3 action. A bucket policy can only have S3 actions.", a.Value)
	}
}

// removeValue removes a value from its array unless it is the only one.
func removeValue(s *statement, value entry) edit {
	for _, l := range []*iam.List{s.Action, s.NotAction, s.Resource, s.NotResource} {
		if l != nil && len(l.Values) > 1 &&
			slices.ContainsFunc(l.Values, func(t iam.Text) bool { return t.Position == value.Position }) {
			return remove(value.Position)
		}
	}
	return nil
}
