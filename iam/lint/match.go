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
const fewActions = 4

// works says whether an action works on one of the patterns.
func works(a *reference.Action, patterns []string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool { return worksOn(a, p) })
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

// patterns gives a statement's resources with variables as stars. Not ok where
// one cannot be read: that is another finding, and no reason for more.
func patterns(s *statement) (out []string, ok bool) {
	if s.Resource == nil || len(s.Resource.Values) == 0 {
		return nil, false
	}
	for _, r := range s.Resource.Values {
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
		if _, _, isBucket := a.bucket(); !isBucket && (a.service == "s3" || a.service == "iam") && len(a.candidates()) > 0 {
			a.region, a.account = widened(a)
		}
		out = append(out, starred(a.String()))
	}
	return out, true
}

// widened forgives a Region or account that does not belong there: it has a
// finding of its own.
func widened(a arn) (region, holder string) {
	region, holder = a.region, a.account
	for _, kind := range a.candidates() {
		form, _ := parseARN(kind.ARN)
		if form.region == "" {
			region = ""
		}
		if form.account == "" {
			holder = ""
		}
	}
	return region, holder
}

func (c *checker) actionsOnResources(s *statement) {
	on, ok := patterns(s)
	if !ok {
		return
	}
	var useless []entry
	for _, a := range s.actions() {
		covered := reference.ExpandActions(a.Value)
		if a.Value != "*" && len(covered) > 0 && !slices.ContainsFunc(covered, func(r *reference.Action) bool { return works(r, on) }) {
			useless = append(useless, a)
		}
	}
	severity := Error
	if s.deny {
		severity = Warning
	}
	for _, a := range useless {
		c.reportAs("action-resource-mismatch", severity, a.place, bothLevels(s), "%s works on %s, and none of this statement's resources is one: the statement never %s it.",
			a.Value, worksOnWhat(a.Value), map[bool]string{true: "denies", false: "allows"}[s.deny])
	}
	if len(useless) > 0 && len(useless) < len(s.actions()) && s.allow {
		c.reportAs("action-resource-mismatch", Warning, place{s.Resource.Position, s.place.path + ".Resource"}, bothLevels(s),
			"These resources are of use to some of the statement's actions only. Give the others the resources that they work on, in a statement of their own.")
	}
}

// worksOnWhat names the resources of an action.
func worksOnWhat(action string) string {
	var names []string
	for _, a := range reference.ExpandActions(action) {
		for _, i := range a.ResourceTypes {
			kind := a.Service.ResourceTypes[i]
			if strings.Contains(kind.Name, "accesspoint") && len(a.ResourceTypes) > 1 {
				continue
			}
			names = append(names, kind.Name+"s ("+kind.ARN+")")
		}
	}
	slices.Sort(names)
	names = slices.Compact(names)
	switch {
	case len(names) == 0:
		return `no resource of its own ("*")`
	case len(names) > 3:
		names = append(names[:3], "…")
	}
	return strings.Join(names, ", ")
}

// unusedResources finds resources that none of the statement's actions works
// on, when each action has another one.
func (c *checker) unusedResources(s *statement) {
	on, ok := patterns(s)
	if !ok || len(on) < 2 || s.Action == nil || s.deny {
		return
	}
	var covered []*reference.Action
	for _, a := range s.Action.Values {
		found := reference.ExpandActions(a.Value)
		if len(found) == 0 || a.Value == "*" || !slices.ContainsFunc(found, func(r *reference.Action) bool { return works(r, on) }) {
			return
		}
		covered = append(covered, found...)
	}
	for i, r := range s.resources() {
		if on[i] != "*" && !slices.ContainsFunc(covered, func(a *reference.Action) bool { return worksOn(a, on[i]) }) {
			c.reportAs("action-resource-mismatch", Warning, r.place, removeValue(s, r), "None of the statement's actions works on %q: leave it out, or add the action that needs it.", shorten(r.Value))
		}
	}
}

// levels says on which resources of S3 actions work.
type levels struct {
	bucket, object       bool
	buckets, objects     int
	other                bool // something that is neither
	usedBucket, usedKeys bool
}

func (l *levels) count(a *reference.Action) {
	bucket, object := s3Level(a)
	switch {
	case bucket:
		l.bucket = true
		l.buckets++
	case object:
		l.object = true
		l.objects++
	default:
		l.other = true
	}
}

// s3Level says whether an action works on buckets, or on objects.
func s3Level(a *reference.Action) (bucket, object bool) {
	if a.Service.Prefix != "s3" {
		return false, false
	}
	for _, i := range a.ResourceTypes {
		switch a.Service.ResourceTypes[i].Name {
		case "bucket":
			bucket = true
		case "object":
			object = true
		}
	}
	return bucket, object
}

func levelsOf(s *statement) levels {
	var l levels
	for _, a := range s.actions() {
		for _, r := range reference.ExpandActions(a.Value) {
			l.count(r)
		}
	}
	return l
}

// partlyUnusable finds patterns of which a whole level has no resource.
func (c *checker) partlyUnusable(s *statement) {
	on, ok := patterns(s)
	if !ok || !s.allow {
		return
	}
	service := reference.FindService("s3")
	var has levels
	for _, p := range on {
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
	for _, a := range s.actions() {
		if !wildcards(a.Value) || a.Value == "*" {
			continue
		}
		var covers levels
		for _, r := range reference.ExpandActions(a.Value) {
			covers.count(r)
		}
		missing, level, example := covers.buckets, "buckets, such as s3:ListBucket", "arn:aws:s3:::bucket"
		if has.bucket {
			missing, level, example = covers.objects, "objects, such as s3:GetObject", "arn:aws:s3:::bucket/*"
		}
		if covers.bucket && covers.object && missing > fewActions {
			c.report("action-pattern-partly-unusable", a.place, bothLevels(s), "%s covers %d actions on %s, and none of this statement's resources is one, so they are not allowed. Name the actions that are needed, or add %s.",
				a.Value, missing, level, example)
		}
	}
}

// bothLevels puts actions on buckets and actions on objects into statements of
// their own, each with its resources: the correction of S3 statements that mix
// them up. Where objects are under a prefix, listing is bound to it.
func bothLevels(s *statement) edit {
	if s.Resource == nil || !s.allow || len(s.Conditions) > 0 {
		return nil
	}
	var onBuckets, onObjects []string
	for _, a := range s.actions() {
		bucket, object := false, false
		for _, r := range reference.ExpandActions(a.Value) {
			isBucket, isObject := s3Level(r)
			if !isBucket && !isObject && !wildcards(a.Value) {
				return nil
			}
			bucket, object = bucket || isBucket, object || isObject
		}
		if bucket {
			onBuckets = append(onBuckets, a.Value)
		}
		if object {
			onObjects = append(onObjects, a.Value)
		}
	}
	var buckets, objects, prefixes []string
	for _, r := range s.Resource.Values {
		a, ok := parseARN(r.Value)
		name, key, isBucket := a.bucket()
		if !ok || !isBucket || name == "" || !bucketText.MatchString(name) || wildcards(name) {
			return nil
		}
		a.resource = name
		buckets = append(buckets, a.String())
		if prefix := strings.TrimSuffix(key, "*"); prefix != "" {
			if wildcards(prefix) || !strings.HasSuffix(prefix, "/") {
				return nil
			}
			prefixes = append(prefixes, prefix+"*")
		}
		if key == "" {
			key = "*"
		}
		a.resource = name + "/" + key
		objects = append(objects, a.String())
	}
	if len(prefixes) > 0 && len(prefixes) < len(buckets) {
		return nil
	}
	slices.Sort(buckets)
	buckets = slices.Compact(buckets)
	if len(prefixes) > 1 && len(buckets) > 1 {
		return nil // a condition holds for all buckets of its statement
	}
	slices.Sort(objects)
	objects = slices.Compact(objects)
	var parts []part
	if len(onBuckets) > 0 {
		p := part{actions: onBuckets, resources: buckets}
		if len(prefixes) > 0 {
			if slices.ContainsFunc(onBuckets, func(a string) bool { _, carries := reference.Carries(a, "s3:prefix"); return !carries }) {
				return nil
			}
			p.condition = object(iam.Member{Name: "StringLike", Value: object(iam.Member{Name: "s3:prefix", Value: list(prefixes...)})})
		}
		parts = append(parts, p)
	}
	if len(onObjects) > 0 {
		parts = append(parts, part{actions: onObjects, resources: objects})
	}
	return split(s, parts)
}
