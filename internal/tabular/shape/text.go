package shape

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/windlass-io/windlass/internal/dataset"
)

// columnKey begins a part of a column: names may have commas.
var columnKey = regexp.MustCompile(`(?:^|,)(from|name|type|format)=`)

// ParseColumn reads a column as people write it: from=Customer Name,name=customer,
// type=decimal(19,2). It leaves unknown types to [Columns.Check].
func ParseColumn(text string) (Column, error) {
	var column Column
	starts := columnKey.FindAllStringSubmatchIndex(text, -1)
	if len(starts) == 0 || starts[0][0] != 0 {
		return Column{}, fmt.Errorf("%q: begin with from=, as in from=Customer Name,name=customer", text)
	}
	for i, start := range starts {
		end := len(text)
		if i+1 < len(starts) {
			end = starts[i+1][0]
		}
		value := text[start[1]:end]
		switch text[start[2]:start[3]] {
		case "from":
			column.From = value
		case "name":
			column.Name = value
		case "type":
			if err := column.setType(value); err != nil {
				return Column{}, err
			}
		default:
			column.Format = value
		}
	}
	if column.From == "" {
		return Column{}, fmt.Errorf("%q: from= is missing", text)
	}
	return column, nil
}

func (c *Column) setType(text string) error {
	inside, ok := strings.CutPrefix(text, "decimal(")
	if !ok {
		c.Type = dataset.Type(text)
		return nil
	}
	precision, scale, _ := strings.Cut(strings.TrimSuffix(inside, ")"), ",")
	c.Type = dataset.Decimal
	var err error
	if c.Precision, err = strconv.Atoi(strings.TrimSpace(precision)); err == nil && scale != "" {
		c.Scale, err = strconv.Atoi(strings.TrimSpace(scale))
	}
	if err != nil || !strings.HasSuffix(text, ")") {
		return fmt.Errorf("invalid type %q: write a decimal like decimal(19,2)", text)
	}
	return nil
}

// String writes the column as [ParseColumn] reads it.
func (c *Column) String() string {
	text := "from=" + c.From
	if c.Name != "" {
		text += ",name=" + c.Name
	}
	switch {
	case c.Type == dataset.Decimal && c.Precision > 0:
		text += fmt.Sprintf(",type=decimal(%d,%d)", c.Precision, c.Scale)
	case c.Type != "":
		text += ",type=" + string(c.Type)
	}
	if c.Format != "" {
		text += ",format=" + c.Format
	}
	return text
}
