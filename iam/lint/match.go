package lint

import (
	"slices"
	"strings"

	"github.com/windlass-io/windlass/iam"
	"github.com/windlass-io/windlass/iam/reference"
)

var matchRules = []rule{
	{resources, (*checker).actionsOnResources},
	{resources, (*checker).unusedResources},
	{of(iam.Identity, iam.Session, iam.Resource), (*checker).partlyUnusable},
}

// fewActions is the number of unusable actions that a pattern may cover without
// a finding: s3:List* on a bucket covers three that list parts and annotations
// of objects.
const fewActions = 3

// works reports whether one of the actions that a value covers works on one of
// the statement's resources. It returns true when the budget is used up.
func (c *checker) works(s *statement, value entry) bool {
	for _, a := range value.covers {
		for _, p := range s.patterns {
			if !c.spend(1+len(p)/8) || worksOn(a, p) {
				return true
			}
		}
	}
	return false
}

func worksOn(a *reference.Action, pattern string) bool {
	if pattern == "*" {
		return true
	}
	if len(a.ResourceTypes) == 0 { // only on "*", for which S3 also accepts the pattern of all buckets
		return strings.Trim(pattern, "*") == "arn:aws:s3:::" && a.Service.Prefix == "s3"
	}
	return slices.ContainsFunc(a.ResourceTypes, func(i int) bool {
		return a.Service.ResourceTypes[i].Overlaps(pattern)
	})
}

// patterns returns resources with variables as stars. ok is false when a
// resource is malformed.
func patterns(resource *iam.List) (out []string, ok bool) {
	if resource == nil || len(resource.Values) == 0 {
		return nil, false
	}
	for _, r := range resource.Values {
		a, parsed := parseARN(r.Value)
		if r.Value != "*" && (!parsed || a.resource == "") {
			return nil, false
		}
		if name, _, isBucket := a.bucket(); isBucket && !bucketText.MatchString(starred(name)) {
			a.resource = "*" + strings.TrimPrefix(a.resource, name) // a placeholder for some bucket
		}
		if r.Value == "*" {
			out = append(out, "*")
			continue
		}
		if !slices.Contains(partitions, a.partition) {
			a.partition = "*"
		}
		a.region, a.account = widened(a)
		out = append(out, starred(a.String()))
	}
	return out, true
}

// widened replaces a Region or account that the ARN can't have with a
// wildcard, because another rule reports it.
func widened(a arn) (region, holder string) {
	candidates := a.candidates()
	region, holder = a.region, a.account
	if all(candidates, func(form arn) bool { return form.region == "" }) {
		region = ""
	}
	if all(candidates, func(form arn) bool { return form.account == "" }) {
		holder = ""
	}
	return region, holder
}

func (c *checker) actionsOnResources(s *statement) {
	if !s.readable {
		return
	}
	var useless []entry
	for _, a := range s.actions {
		if c.kind == iam.Resource && !strings.HasPrefix(strings.ToLower(a.Value), "s3:") {
			continue // unsupported-action-in-policy reports it
		}
		if a.Value != "*" && len(a.covers) > 0 && !c.works(s, a) {
			useless = append(useless, a)
		}
	}
	severity := Error
	if s.deny {
		severity = Warning
	}
	for _, a := range useless {
		c.reportAs("action-resource-mismatch", severity, a.place, later(func() edit { return bothLevels(s) }),
			"%s works on %s, but none of this statement's resources is one, so the statement never %s it.", a.Value,
			worksOnWhat(a.covers), map[bool]string{true: "denies", false: "allows"}[s.deny])
	}
	if len(useless) > 0 && len(useless) < len(s.actions) && s.allow {
		c.reportAs(
			"action-resource-mismatch",
			Warning,
			place{s.Resource.Position, s.place.path + ".Resource"},
			later(func() edit { return bothLevels(s) }),
			"Only some of this statement's actions work on these resources. Move the other actions to their own "+
				"statement, with the resources that they work on.",
		)
	}
}

// worksOnWhat describes the resources that actions work on.
func worksOnWhat(actions []*reference.Action) string {
	var names []string
	for _, a := range actions {
		for _, i := range a.ResourceTypes {
			kind := a.Service.ResourceTypes[i]
			if strings.Contains(kind.Name, "accesspoint") && len(a.ResourceTypes) > 1 {
				continue
			}
			names = append(names, kind.Name+" ("+strings.Replace(kind.ARN, "arn:*:", "arn:aws:", 1)+")")
		}
	}
	slices.Sort(names)
	names = slices.Compact(names)
	switch {
	case len(names) == 0:
		return `no specific resource ("*")`
	case len(names) > 3:
		names = append(names[:3], "…")
	}
	return strings.Join(names, ", ")
}

// unusedResources reports resources that no action of the statement works on,
// if each action works on another one.
func (c *checker) unusedResources(s *statement) {
	if !s.readable || len(s.patterns) < 2 || s.Action == nil || s.deny {
		return
	}
	var covered []*reference.Action
	for _, a := range s.actions {
		if len(a.covers) == 0 || a.Value == "*" || !c.works(s, a) {
			return
		}
		covered = append(covered, a.covers...)
	}
	for i, r := range s.resources {
		if s.patterns[i] != "*" && c.spend(len(covered)*len(r.Value)/8) &&
			!slices.ContainsFunc(covered, func(a *reference.Action) bool { return worksOn(a, s.patterns[i]) }) {
			c.reportAs("action-resource-mismatch", Warning, r.place, removeValue(s, r),
				"No action of this statement works on %q. Remove it, or add the action that needs it.",
				shorten(r.Value))
		}
	}
}

// partlyUnusable reports action patterns without a resource for their bucket
// actions, or without one for their object actions.
func (c *checker) partlyUnusable(s *statement) {
	if !s.readable || !s.allow {
		return
	}
	service := reference.FindService("s3")
	var has levels
	for _, p := range s.patterns {
		for i := range service.ResourceTypes {
			switch kind := &service.ResourceTypes[i]; kind.Name {
			case "bucket":
				has.bucket = has.bucket || kind.Overlaps(p)
			case "object":
				has.object = has.object || kind.Overlaps(p)
			}
		}
	}
	if has.bucket == has.object {
		return
	}
	for _, a := range s.actions {
		if !wildcards(a.Value) || a.Value == "*" {
			continue
		}
		var covers levels
		for _, r := range a.covers {
			covers.count(r)
		}
		missing, level, example := covers.buckets, "buckets, such as s3:ListBucket", "arn:aws:s3:::bucket"
		if has.bucket {
			missing, level, example = covers.objects, "objects, such as s3:GetObject", "arn:aws:s3:::bucket/*"
		}
		if covers.bucket && covers.object && missing > fewActions {
			c.report(
				"action-pattern-partly-unusable",
				a.place,
				nil,
				"%s covers %d actions on %s, but none of this statement's resources is one, so they aren't allowed. "+
					"Name the required actions, or add %s.",
				a.Value,
				missing,
				level,
				example,
			)
		}
	}
}
