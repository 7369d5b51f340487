// Package source defines which objects to load: an integration or an access key,
// a bucket, a pattern of keys, and the format of the objects.
package source

import "time"

// Source selects objects of one bucket.
type Source struct {
	ID            string // "src_…"
	Workspace     string // workspace ID
	Name          string // unique in the workspace; 1 to 255 bytes, printable
	IntegrationID string // exactly one of IntegrationID and CredentialID is set
	CredentialID  string
	Bucket        string
	Pattern       string   // of keys; see [Pattern]
	Exclude       []string // patterns of keys to exclude
	Format        Format
	Version       int64 // increases with every change
	CreatedAt     time.Time
	UpdatedAt     time.Time
}

// ParsePattern compiles the pattern of the source.
func (src *Source) ParsePattern() (Pattern, error) {
	pattern, err := ParsePattern(src.Pattern, src.Exclude)
	pattern.all = src.Format.IncludeMarkers
	return pattern, err
}

// Limits.
const (
	MaxPatternBytes  = 1024     // the longest key of S3
	MaxPatternsBytes = 16 << 10 // of a pattern and its exclusions
	MaxExclude       = 50
	MaxJSONPath      = 500
	MaxPerWorkspace  = 1000 // sources, by default
)
