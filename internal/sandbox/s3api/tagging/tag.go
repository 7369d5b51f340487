package tagging

import (
	"net/http"
	"net/url"
	"regexp"
	"unicode/utf8"

	"github.com/windlass-io/windlass/internal/sandbox/authz"
	"github.com/windlass-io/windlass/internal/sandbox/awserror"
	"github.com/windlass-io/windlass/internal/sandbox/directory"
	"github.com/windlass-io/windlass/internal/sandbox/s3api/s3error"
)

// The maximum number of tags.
const (
	MaxObject = 10 // of an object
	MaxBucket = 50 // of a bucket
)

var tagPattern = regexp.MustCompile(`^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$`)

// FromHeader parses the tags in x-amz-tagging, which has the format of a
// query.
func FromHeader(header string) ([]directory.Tag, error) {
	if header == "" {
		return nil, nil
	}
	values, err := url.ParseQuery(header)
	if err != nil {
		return nil, s3error.InvalidArgument(
			"x-amz-tagging",
			header,
			"The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without tag "+
				"name duplicates.",
		)
	}
	var tags []directory.Tag
	for _, key := range directory.SortedNames(values) {
		if key == "" || len(values[key]) > 1 {
			return nil, s3error.InvalidArgument(
				"x-amz-tagging",
				header,
				"The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without "+
					"tag name duplicates.",
			)
		}
		tags = append(tags, directory.Tag{Key: key, Value: values[key][0]})
	}
	return tags, Check(tags, MaxObject)
}

// Check validates tags.
func Check(tags []directory.Tag, limit int) error {
	invalid := func(text string) *awserror.Error {
		return awserror.New(http.StatusBadRequest, "InvalidTag", "%s", text)
	}
	if len(tags) > limit {
		if limit == MaxBucket {
			return awserror.New(
				http.StatusBadRequest,
				"BadRequest",
				"Bucket tag count cannot be greater than %d",
				limit,
			)
		}
		return awserror.New(http.StatusBadRequest, "BadRequest", "Object tags cannot be greater than %d", limit)
	}
	seen := map[string]bool{}
	for _, tag := range tags {
		switch {
		case tag.Key == "" || utf8.RuneCountInString(tag.Key) > 128 || !tagPattern.MatchString(tag.Key):
			return invalid("The TagKey you have provided is invalid").With("TagKey", s3error.Cut(tag.Key))
		case utf8.RuneCountInString(tag.Value) > 256 || !tagPattern.MatchString(tag.Value):
			return invalid("The TagValue you have provided is invalid")
		case seen[tag.Key]:
			return invalid("Cannot provide multiple Tags with the same key")
		case len(tag.Key) >= 4 && (tag.Key[:4] == "aws:" || tag.Key[:4] == "AWS:"):
			return invalid("System tags cannot be added/updated by requester")
		}
		seen[tag.Key] = true
	}
	return nil
}

// RequestKeys returns the condition keys of the tags in a request.
func RequestKeys(tags []directory.Tag) []authz.Key {
	if len(tags) == 0 {
		return nil
	}
	names := make([]string, len(tags))
	keys := make([]authz.Key, 0, len(tags)+1)
	for i, tag := range tags {
		names[i] = tag.Key
		keys = append(keys, authz.K("s3:RequestObjectTag/"+tag.Key, tag.Value))
	}
	return append(keys, authz.K("s3:RequestObjectTagKeys", names...))
}
