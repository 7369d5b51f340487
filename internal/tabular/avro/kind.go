package avro

import (
	"github.com/twmb/avro"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/tabular/cell"
)

// logicalTypes has the types that this package converts. The library returns
// their values as stored.
var logicalTypes = []string{
	"decimal", "big-decimal", "uuid", "date", "time-millis", "time-micros", "timestamp-millis", "timestamp-micros",
	"timestamp-nanos", "local-timestamp-millis", "local-timestamp-micros", "local-timestamp-nanos", "duration",
}

// kind is a type of a schema.
type kind struct {
	typ     string
	logical string
	scale   int
	digits  int // of a decimal
	size    int // of a fixed
	name    string
	column  dataset.Column // its type in a dataset, without a name

	fields   []field // of a record
	items    *kind   // of an array, and the values of a map
	branches []*kind // of a union
}

type field struct {
	name string
	kind *kind
}

// maxSchemaDepth limits the nesting of a schema, without its references.
const maxSchemaDepth = 64

// compiler resolves the names of a schema.
type compiler struct{ named map[string]*kind }

func (c *compiler) compile(n *avro.SchemaNode, space string, depth int) (*kind, error) {
	if depth > maxSchemaDepth {
		return nil, problem.New(problem.Invalid, "The Avro schema nests deeper than %d levels.", maxSchemaDepth)
	}
	if known := c.resolve(n.Type, space); known != nil {
		return known, nil
	}
	k := &kind{typ: n.Type, logical: n.LogicalType, scale: n.Scale, digits: n.Precision, size: n.Size}
	if n.Name != "" {
		space = n.Namespace
		k.name = fullName(n.Name, space)
		c.named[k.name] = k
	}
	if err := c.children(k, n, space, depth+1); err != nil {
		return nil, err
	}
	return k, k.setColumn()
}

func fullName(name, space string) string {
	if space == "" {
		return name
	}
	return space + "." + name
}

// resolve returns the type that a name refers to, nil for others.
func (c *compiler) resolve(name, space string) *kind {
	if k := c.named[fullName(name, space)]; k != nil {
		return k
	}
	return c.named[name]
}

func (c *compiler) children(k *kind, n *avro.SchemaNode, space string, depth int) (err error) {
	switch n.Type {
	case "record", "error":
		k.typ = "record"
		for i := range n.Fields {
			child, err := c.compile(&n.Fields[i].Type, space, depth)
			if err != nil {
				return err
			}
			k.fields = append(k.fields, field{n.Fields[i].Name, child})
		}
	case "array":
		k.items, err = c.compile(n.Items, space, depth)
	case "map":
		k.items, err = c.compile(n.Values, space, depth)
	case "union":
		for i := range n.Branches {
			child, err := c.compile(&n.Branches[i], space, depth)
			if err != nil {
				return err
			}
			k.branches = append(k.branches, child)
		}
	}
	return err
}

// setColumn sets the type in a dataset.
func (k *kind) setColumn() error {
	set := func(t dataset.Type) { k.column.Type = t }
	switch k.typ + "." + k.logical {
	case "int.date":
		set(dataset.Date)
	case "long.timestamp-millis", "long.timestamp-micros", "long.timestamp-nanos", "long.local-timestamp-millis",
		"long.local-timestamp-micros", "long.local-timestamp-nanos":
		set(dataset.DateTime)
	case "int.time-millis", "long.time-micros", "string.uuid", "fixed.uuid":
		set(dataset.String)
	case "bytes.decimal", "fixed.decimal":
		return k.setDecimal()
	case "fixed.duration":
		set(dataset.Object)
	default:
		k.logical = ""
		k.setPlain()
	}
	if k.typ == "fixed" && (k.logical == "uuid" && k.size != 16 || k.logical == "duration" && k.size != 12) {
		k.logical = ""
		k.setPlain()
	}
	return nil
}

// setPlain sets the type of a kind without a logical type.
func (k *kind) setPlain() {
	k.column = dataset.Column{}
	switch k.typ {
	case "boolean":
		k.column.Type = dataset.Boolean
	case "int", "long":
		k.column.Type = dataset.Integer
	case "float", "double":
		k.column.Type = dataset.Number
	case "string", "enum":
		k.column.Type = dataset.String
	case "bytes", "fixed":
		k.column.Type, k.column.Format = dataset.String, cell.Base64
	case "array":
		k.column.Type = dataset.Array
	case "record", "map":
		k.column.Type = dataset.Object
	case "union":
		k.column = k.unionColumn()
	default:
		k.column.Type = dataset.Any
	}
}

// unionColumn returns the type of a union of null and one other type, else any.
func (k *kind) unionColumn() dataset.Column {
	var only *kind
	for _, b := range k.branches {
		switch {
		case b.typ == "null":
		case only != nil:
			return dataset.Column{Type: dataset.Any}
		default:
			only = b
		}
	}
	if only == nil || only.column.Type == "" { // a reference to the schema that is being compiled
		return dataset.Column{Type: dataset.Any}
	}
	return only.column
}

func (k *kind) setDecimal() error {
	if k.digits < 1 || k.scale < 0 || k.scale > k.digits {
		return problem.New(problem.Invalid, "The Avro schema has the type decimal(%d,%d), which isn't "+
			"supported.", k.digits,
			k.scale).WithReason("unsupported_type").
			WithHint("Use a precision of at least 1 and a scale from 0 to the precision.")
	}
	if k.digits > dataset.MaxPrecision {
		k.column.Type = dataset.String
		return nil
	}
	k.column = dataset.Column{Type: dataset.Decimal, Precision: k.digits, Scale: k.scale}
	return nil
}

// branch returns the branch of a union with a tag of the library.
func (k *kind) branch(tag string) *kind {
	for _, b := range k.branches {
		if b.name == tag || b.name == "" && b.typ == tag {
			return b
		}
	}
	return nil
}
