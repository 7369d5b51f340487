package dataset

import "encoding/json"

// View is the stored statement whose rows a [Dataset] reads, instead of rows of its
// own.
type View struct {
	SQL        string      `json:"sql"`
	Parameters []Parameter `json:"parameters,omitempty"`
	// Tables are the datasets and views that the statement names, in the state when
	// it was compiled.
	Tables []ViewTable `json:"tables,omitempty"`
	// Base is added to the version of the rows, so that it never decreases when
	// the statement changes.
	Base int64 `json:"base,omitempty"`
	// Ordered means that the statement ends with ORDER BY.
	Ordered bool `json:"ordered,omitempty"`
	// Daily means that its rows depend on the current day.
	Daily bool `json:"daily,omitempty"`
	// Fault is the reason why the statement no longer compiles, or empty.
	Fault string `json:"fault,omitempty"`
}

// ViewTable is a dataset or view that a statement names.
type ViewTable struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Version int64  `json:"version"` // of its schema
}

// Parameter is a parameter of a view: $name in its statement, p.name in a request.
type Parameter struct {
	Name        string            `json:"name"                  maxLength:"63"   doc:"A letter, then letters, digits and underscores."`
	Type        Type              `json:"type"                                                                                           enum:"string,integer,number,boolean,date,date-time"`
	Default     json.RawMessage   `json:"default,omitempty"                      doc:"The value if a read doesn't set it; null if absent."`
	Min         json.RawMessage   `json:"min,omitempty"                          doc:"The minimum; not for string and boolean."`
	Max         json.RawMessage   `json:"max,omitempty"                          doc:"The maximum; not for string and boolean."`
	Enum        []json.RawMessage `json:"enum,omitempty"                         doc:"The allowed values."                                                                             maxItems:"100"`
	Required    bool              `json:"required,omitempty"                     doc:"Whether a read must set it."`
	Description string            `json:"description,omitempty" maxLength:"1000"`
}
