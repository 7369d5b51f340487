package lint

import (
	"strings"

	"github.com/windlass-io/windlass/iam/reference"
)

// arn is an ARN pattern, split at its colons outside policy variables.
type arn struct {
	partition, service, region, account, resource string
}

// parseARN splits a pattern. ok is false when fields are missing or the first
// isn't "arn".
func parseARN(text string) (arn, bool) {
	fields := splitFields(text)
	if len(fields) != 6 || fields[0] != "arn" {
		return arn{}, false
	}
	return arn{fields[1], fields[2], fields[3], fields[4], fields[5]}, true
}

// splitFields splits at the first five colons outside variables.
func splitFields(text string) []string {
	var fields []string
	begin, depth := 0, 0
	for i := 0; i < len(text) && len(fields) < 5; i++ {
		switch {
		case strings.HasPrefix(text[i:], "${"):
			depth++
		case text[i] == '}' && depth > 0:
			depth--
		case text[i] == ':' && depth == 0:
			fields = append(fields, text[begin:i])
			begin = i + 1
		}
	}
	return append(fields, text[begin:])
}

// bucket returns the bucket name of an S3 bucket's or object's ARN, and the key
// after the slash. ok is false for other ARNs.
func (a arn) bucket() (name, key string, ok bool) {
	if a.service != "s3" || a.region != "" || a.account != "" {
		return "", "", false
	}
	name, key = cutKey(a.resource)
	return name, key, true
}

// cutKey cuts at the first slash outside variables.
func cutKey(resource string) (name, key string) {
	depth := 0
	for i := range len(resource) {
		switch {
		case strings.HasPrefix(resource[i:], "${"):
			depth++
		case resource[i] == '}' && depth > 0:
			depth--
		case resource[i] == '/' && depth == 0:
			return resource[:i], resource[i+1:]
		}
	}
	return resource, ""
}

// candidates returns the resource types that the ARN's last field can name.
func (a arn) candidates() []reference.ResourceType {
	service := reference.FindService(a.service)
	if service == nil {
		return nil
	}
	var out []reference.ResourceType
	for _, kind := range service.ResourceTypes {
		form, ok := parseARN(kind.ARN)
		if !ok || form.service != a.service {
			continue
		}
		kind.ARN = form.resource
		if kind.Overlaps(starred(a.resource)) {
			kind.ARN = "arn:" + form.partition + ":" + form.service + ":" + form.region + ":" + form.account + ":" +
				form.resource
			out = append(out, kind)
		}
	}
	return out
}

// all reports whether there are resource types and every type's ARN passes the
// test.
func all(types []reference.ResourceType, test func(form arn) bool) bool {
	for _, t := range types {
		if form, ok := parseARN(t.ARN); !ok || !test(form) {
			return false
		}
	}
	return len(types) > 0
}
