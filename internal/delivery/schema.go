package delivery

import (
	"encoding/json"

	"github.com/windlass-io/windlass/internal/dataset"
)

// described is a column in the answer to schema=true.
type described struct {
	Name        string       `json:"name"`
	Type        dataset.Type `json:"type"`
	Precision   int          `json:"precision,omitempty"` // of a decimal
	Scale       *int         `json:"scale,omitempty"`     // of a decimal
	Format      string       `json:"format,omitempty"`
	Index       string       `json:"index,omitempty"` // key, subkey, date
	Required    bool         `json:"required"`
	AllowNull   bool         `json:"allow_null"`
	Description string       `json:"description,omitempty"`
}

// appendSchema appends the requested columns.
func (p *plan) appendSchema(b []byte) []byte {
	list := make([]described, len(p.columns))
	index := p.dataset.Schema.Index
	for i, c := range p.columns {
		list[i] = described{
			Name: c.Name, Type: c.Type, Required: c.Required, AllowNull: c.AllowNull,
			Description: c.Description,
		}
		if c.Type == dataset.Decimal {
			list[i].Precision, list[i].Scale = c.Precision, &c.Scale
		}
		if c.Type == dataset.String {
			list[i].Format = c.Format // base64
		}
		switch c.Name {
		case index.Key:
			list[i].Index = "key"
		case index.Subkey:
			list[i].Index = "subkey"
		case index.Date:
			list[i].Index = "date"
		}
	}
	text, err := json.Marshal(list) // encoding strings and booleans can't fail
	if err != nil {
		return append(b, "null"...)
	}
	return append(b, text...)
}
