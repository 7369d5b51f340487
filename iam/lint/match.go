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

// fewActions is how many actions of the other level a pattern may leave unused
// and still be taken as meant: s3:List* on a bucket covers three that list
// parts and annotations of objects.
const fewActions = 3

// works reports whether one of the actions that a value covers works on one of
// the statement's resources. When the budget is used up it says yes.
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
	if len(a.ResourceTypes) == 0 { // on "*" alone; S3 takes the pattern of all buckets for it
		return strings.Trim(pattern, "*") == "arn:aws:s3:::" && a.Service.Prefix == "s3"
	}
	return slices.ContainsFunc(a.ResourceTypes, func(i int) bool {
		return a.Service.ResourceTypes[i].Overlaps(pattern)
	})
}

// patterns returns resources with variables as stars. Not ok where one cannot be
// read.
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
			a.resource = "*" + strings.TrimPrefix(a.resource, name) // a placeholder stands for some bucket
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

// widened forgives a Region or account that does not belong there: it has a
// finding of its own.
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
			continue // told by another rule
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
		c.reportAs("action-resource-mismatch", severity, a.place, later(func() edit { return bothLevels(s) }), "%s works on %s, and none of this statement's resources is that: the statement never %s it.",
			a.Value, worksOnWhat(a.covers), map[bool]string{true: "denies", false: "allows"}[s.deny])
	}
	if len(useless) > 0 && len(useless) < len(s.actions) && s.allow {
		c.reportAs("action-resource-mismatch", Warning, place{s.Resource.Position, s.place.path + ".Resource"}, later(func() edit { return bothLevels(s) }),
			"These resources are of use to some of the statement's actions only. Give the others the resources that they work on, in a statement of their own.")
	}
}

// worksOnWhat names the resources of actions.
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
		return `no resource in particular ("*")`
	case len(names) > 3:
		names = append(names[:3], "…")
	}
	return strings.Join(names, ", ")
}

// unusedResources finds resources that none of the statement's actions works
// on, when each action has another one.
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
		if s.patterns[i] != "*" && c.spend(len(covered)*len(r.Value)/8) && !slices.ContainsFunc(covered, func(a *reference.Action) bool { return worksOn(a, s.patterns[i]) }) {
			c.reportAs("action-resource-mismatch", Warning, r.place, removeValue(s, r), "None of the statement's actions works on %q: leave it out, or add the action that needs it.", shorten(r.Value))
		}
	}
}

// partlyUnusable finds patterns of which a whole level has no resource.
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
			c.report("action-pattern-partly-unusable", a.place, nil, "%s covers %d actions on %s, and none of this statement's resources is one, so they are not allowed. Name the actions that are needed, or add %s.",
				a.Value, missing, level, example)
		}
	}
}
