package lint

import (
	"slices"
	"strings"

	"github.com/windlass-io/windlass/iam"
	"github.com/windlass-io/windlass/iam/reference"
)

// levels counts actions by the S3 resources that they work on.
type levels struct {
	bucket, object   bool
	buckets, objects int // number of actions
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

// s3Level reports whether an action works on buckets and whether it works on
// objects.
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

// bothLevels splits an S3 statement into one for bucket actions and one for
// object actions, each with its resources. If the objects are under a prefix,
// listing is restricted to it.
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
			if slices.ContainsFunc(onBuckets,
				func(a string) bool { _, carries := reference.Carries(a, "s3:prefix"); return !carries }) {
				return nil
			}
			p.condition = object(
				iam.Member{
					Name: "StringLike", Value: object(iam.Member{Name: "s3:prefix", Value: list(where.prefixes...)}),
				},
			)
		}
		parts = append(parts, p)
	}
	if len(onObjects) > 0 {
		parts = append(parts, part{actions: onObjects, resources: where.objects})
	}
	return split(s, parts)
}

// byLevel sorts a statement's actions; a pattern can be in both lists. ok is
// false when an action is in neither.
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

// places are a statement's resources as buckets and as objects.
type places struct {
	buckets, objects []string // ARNs, sorted
	prefixes         []string // values of s3:prefix; none: whole buckets
}

// placesOf returns false when a resource isn't a bucket or object, or when
// several buckets have prefixes.
func placesOf(s *statement) (places, bool) {
	var p places
	for _, r := range s.Resource.Values {
		a, ok := parseARN(r.Value)
		name, key, isBucket := a.bucket()
		prefix := strings.TrimSuffix(key, "*")
		if !ok || !isBucket || name == "" || strings.Contains(name, "${") || wildcards(name) || wildcards(prefix) ||
			prefix != "" && !strings.HasSuffix(prefix, "/") {
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
