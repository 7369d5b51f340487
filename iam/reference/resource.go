package reference

import "strings"

// Overlaps reports whether a policy's Resource pattern can match a resource of
// the type, that is, whether a text matches both. "*" and "?" are wildcards in
// the pattern. Replace policy variables with "*" first. A bucket name has no
// "/", so "arn:aws:s3:::b/*" doesn't match buckets.
func (t *ResourceType) Overlaps(pattern string) bool {
	if t.Name == "bucket" && strings.HasPrefix(t.ARN, "arn:*:s3:::") && strings.Contains(pattern, "/") {
		return false
	}
	form, given := strings.SplitN(t.ARN, ":", arnFields), strings.SplitN(pattern, ":", arnFields)
	if len(given) < arnFields || len(form) < arnFields {
		return overlap(t.ARN, pattern)
	}
	for i := range form {
		if i == 3 && given[i] == "" && multiRegion(given) {
			continue
		}
		if given[i] == "" && form[i] != "" || !overlap(form[i], given[i]) {
			return false
		}
	}
	return true
}

// multiRegion reports whether the fields of an ARN can be those of a
// Multi-Region Access Point or of an object in one, which have no Region. See
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/MultiRegionAccessPointPermissions.html.
func multiRegion(arn []string) bool {
	return arn[2] == "s3" && arn[4] != "" && overlap("accesspoint/*.mrap*", arn[5])
}

// arnFields is the number of fields in an ARN:
// arn:partition:service:region:account:resource.
const arnFields = 6

// overlap reports whether some text matches both patterns. Entry j of row i is
// whether a text can match the first i bytes of a and the first j bytes of b.
func overlap(a, b string) bool {
	row := make([]bool, len(b)+1)
	row[0] = true
	for i := 0; ; i++ {
		star := i < len(a) && a[i] == '*'
		for j := range len(b) { // a's star consumes b[j], or b's star matches nothing
			row[j+1] = row[j+1] || row[j] && (star || b[j] == '*')
		}
		if i == len(a) {
			return row[len(b)]
		}
		next := make([]bool, len(b)+1)
		for j, reached := range row {
			if !reached {
				continue
			}
			if star || j < len(b) && b[j] == '*' { // a's star matches nothing, or b's consumes a[i]
				next[j] = true
			}
			if j < len(b) && (a[i] == b[j] || a[i] == '?' || b[j] == '?') {
				next[j+1] = true
			}
		}
		row = next
	}
}
