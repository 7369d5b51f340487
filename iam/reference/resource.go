package reference

import "strings"

// Overlaps reports whether a Resource pattern of a policy can match a resource
// of the type: whether there is a text that both match. "*" and "?" are
// wildcards in the pattern; a policy variable must have been replaced by "*".
// A bucket's name has no "/", so "arn:aws:s3:::b/*" is no bucket.
func (t *ResourceType) Overlaps(pattern string) bool {
	if t.Name == "bucket" && strings.HasPrefix(t.ARN, "arn:*:s3:::") && strings.Contains(pattern, "/") {
		return false
	}
	form, given := strings.SplitN(t.ARN, ":", arnFields), strings.SplitN(pattern, ":", arnFields)
	if len(given) < arnFields || len(form) < arnFields {
		return overlap(t.ARN, pattern)
	}
	for i := range form {
		if given[i] == "" && form[i] != "" || !overlap(form[i], given[i]) {
			return false
		}
	}
	return true
}

// arnFields is how many fields an ARN has:
// arn:partition:service:region:account:resource.
const arnFields = 6

// overlap reports whether some text matches both patterns. Row i tells, for each
// j, whether the first i bytes of a and the first j of b can read one text.
func overlap(a, b string) bool {
	row := make([]bool, len(b)+1)
	row[0] = true
	for i := 0; ; i++ {
		star := i < len(a) && a[i] == '*'
		for j := range len(b) { // a's star reads b[j], or b's star reads nothing
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
			if star || j < len(b) && b[j] == '*' { // a's star reads nothing, or b's reads a[i]
				next[j] = true
			}
			if j < len(b) && (a[i] == b[j] || a[i] == '?' || b[j] == '?') {
				next[j+1] = true
			}
		}
		row = next
	}
}
