package lint

import (
	"slices"
	"strings"

	"github.com/windlass-io/windlass/iam"
	"github.com/windlass-io/windlass/iam/reference"
)

// levels says on which resources of S3 actions work.
type levels struct {
	bucket, object   bool
	buckets, objects int // how many actions
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
	}
}

// s3Level reports whether an action works on buckets, or on objects.
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
	for _, a := range s.actions {
		for _, r := range a.covers {
			l.count(r)
		}
	}
	return l
}

// bothLevels puts actions on buckets and actions on objects into statements of
// their own, each with its resources: the correction of S3 statements that mix
// them up. Where objects are under a prefix, listing is bound to it.
func bothLevels(s *statement) edit {
	if s.Resource == nil || !s.allow || len(s.Conditions) > 0 {
		return nil
	}
	onBuckets, onObjects, ok := byLevel(s)
	if !ok {
		return nil
	}
	where, ok := placesOf(s)
	if !ok {
		return nil
	}
	var parts []part
	if len(onBuckets) > 0 {
		p := part{actions: onBuckets, resources: where.buckets}
		if len(where.prefixes) > 0 {
			if slices.ContainsFunc(onBuckets, func(a string) bool { _, carries := reference.Carries(a, "s3:prefix"); return !carries }) {
				return nil
			}
			p.condition = object(iam.Member{Name: "StringLike", Value: object(iam.Member{Name: "s3:prefix", Value: list(where.prefixes...)})})
		}
		parts = append(parts, p)
	}
	if len(onObjects) > 0 {
		parts = append(parts, part{actions: onObjects, resources: where.objects})
	}
	return split(s, parts)
}

// byLevel sorts a statement's actions; a pattern may be of both levels. Not ok
// where one is of neither.
func byLevel(s *statement) (onBuckets, onObjects []string, ok bool) {
	for _, a := range s.actions {
		var l levels
		for _, r := range a.covers {
			l.count(r)
		}
		if !l.bucket && !l.object {
			return nil, nil, false
		}
		if l.bucket {
			onBuckets = append(onBuckets, a.Value)
		}
		if l.object {
			onObjects = append(onObjects, a.Value)
		}
	}
	return onBuckets, onObjects, true
}

// places are what a statement's resources mean on both levels.
type places struct {
	buckets, objects []string // ARNs, sorted
	prefixes         []string // values of s3:prefix; none: whole buckets
}

// placesOf is not ok where a resource is no bucket's or object's, or where
// the prefixes of several buckets would have to be told apart.
func placesOf(s *statement) (places, bool) {
	var p places
	for _, r := range s.Resource.Values {
		a, ok := parseARN(r.Value)
		name, key, isBucket := a.bucket()
		prefix := strings.TrimSuffix(key, "*")
		if !ok || !isBucket || name == "" || strings.Contains(name, "${") || wildcards(name) || wildcards(prefix) || prefix != "" && !strings.HasSuffix(prefix, "/") {
			return places{}, false
		}
		a.resource = name
		p.buckets = append(p.buckets, a.String())
		if prefix != "" {
			p.prefixes = append(p.prefixes, prefix+"*")
		}
		a.resource = name + "/" + prefix + "*"
		p.objects = append(p.objects, a.String())
	}
	if len(p.prefixes) > 0 && len(p.prefixes) < len(p.buckets) {
		return places{}, false
	}
	slices.Sort(p.buckets)
	slices.Sort(p.objects)
	p.buckets, p.objects = slices.Compact(p.buckets), slices.Compact(p.objects)
	return p, len(p.prefixes) < 2 || len(p.buckets) == 1
}
