package console

import "time"

// sourcesPage lists the data sources.
type sourcesPage struct {
	shell
	Sources []sourceView
	CanAdd  bool // there is an integration or a key to read through
	Next    string
}

// sourceView is a data source as pages show it.
type sourceView struct {
	ID, Name, Bucket, Pattern, Format, JSONPath string
	Through, ThroughPath                        string // name and page of the integration or key
	CreatedAt, UpdatedAt                        time.Time
}

// Path is the source's page.
func (s sourceView) Path() string { return "/sources/data/" + s.ID }

// Address is the bucket and pattern as an s3:// address.
func (s sourceView) Address() string { return "s3://" + s.Bucket + "/" + s.Pattern }

// FormatName is the format in words.
func (s sourceView) FormatName() string {
	for _, f := range formats {
		if f.Value == s.Format {
			return f.Name
		}
	}
	return s.Format
}

// option is a line of a selection.
type option struct{ Value, Name string }

var formats = []option{
	{"", "By content"}, {"csv", "CSV"}, {"tsv", "TSV"}, {"psv", "Pipe-separated"},
	{"json", "JSON"}, {"jsonl", "JSONL"}, {"parquet", "Parquet"},
}

// sourceNewPage adds a source, or edits one.
type sourceNewPage struct {
	shell
	Source  sourceView // with an ID when it is edited
	Action  string
	Form    sourceForm
	Through []option
	Buckets []string // those of the declared locations
	Preview *previewView
}

// Formats are the formats to choose from.
func (*sourceNewPage) Formats() []option { return formats }

// sourceForm is what was typed about a source.
type sourceForm struct{ Name, Through, Bucket, Pattern, Format, JSONPath string }

// sourcePage is one source: a preview, and a load at once.
type sourcePage struct {
	shell
	Source   sourceView
	Form     loadForm
	Datasets []string
	Preview  *previewView
}

// loadForm is what was typed about a load.
type loadForm struct{ Dataset, Duplicates string }

// previewView is what a source would load.
type previewView struct {
	Problem *problemView
	Matched int
	Sampled string // the key that the rows were read from
	Columns []columnView
	Rows    [][]string
	Index   string // why the index was guessed so
	Objects []objectView
}

// objectView is an object of a bucket, or of a load.
type objectView struct {
	Key      string
	Size     int64
	Modified time.Time
	Outcome  string // of a load: "loaded", "skipped", "failed"
	Reason   string
	Rows     int64
	Rejected int64
}

// Chip tells the outcome.
func (o objectView) Chip() chip {
	switch o.Outcome {
	case "loaded":
		return chip{"good", "circle-check", "Loaded"}
	case "failed":
		return chip{"bad", "circle-x", "Failed"}
	}
	return chip{"", "circle-minus", "Skipped"}
}
