package statement

import (
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/engine/sql"
)

// Constants is a statement whose parameters were replaced with constants.
type Constants struct {
	Text  string
	edits []edit
}

// edit is a parameter that was replaced.
type edit struct {
	place
	with int // bytes of the constant
}

// Write replaces the parameters of a checked statement with constants. uses is
// [sql.Names.Uses]. Whatever the value, a constant only has letters, digits and
// signs that can't end a text, so a value can't inject SQL.
func Write(text string, values map[string]engine.SQLParameter, uses map[string]int) (Constants, error) {
	constants := map[string]string{}
	for name, value := range values {
		constant, err := constantOf(value)
		if err != nil {
			return Constants{}, &sql.StatementError{
				Reason: engine.SQLInvalidValue, Message: fmt.Sprintf("The parameter $%s: %v.", name, err), Offset: -1,
			}
		}
		constants[fold(name)] = constant
	}
	var c Constants
	var b strings.Builder
	found, from := map[string]int{}, 0
	for _, p := range places(text) {
		constant, ok := constants[p.name]
		if !ok {
			return Constants{}, errPlaces
		}
		found[p.name]++
		_, _ = b.WriteString(text[from:p.from])
		_, _ = b.WriteString(constant)
		from = p.to
		c.edits = append(c.edits, edit{p, len(constant)})
	}
	_, _ = b.WriteString(text[from:])
	for name, n := range uses {
		if found[name] != n {
			return Constants{}, errPlaces
		}
	}
	if len(found) != len(uses) {
		return Constants{}, errPlaces
	}
	c.Text = b.String()
	return c, nil
}

// errPlaces reports that the positions of parameters couldn't be determined.
var errPlaces = &sql.StatementError{
	Reason: engine.SQLNotAllowed, Message: "The parameters of the statement can't be distinguished from its strings.",
	Hint: "Write parameters as $name, outside of quotes.", Offset: -1,
}

// Original returns the offset in the original statement for an offset in Text.
func (c *Constants) Original(offset int) int {
	shift := 0
	for _, e := range c.edits {
		start := e.from + shift
		if offset < start {
			break
		}
		if offset < start+e.with {
			return e.from
		}
		shift += e.with - (e.to - e.from)
	}
	return offset - shift
}

// nulls has the SQL types of nulls, by the kind of the value.
var nulls = map[engine.SQLKind]string{
	engine.SQLString: "VARCHAR", engine.SQLInteger: "BIGINT", engine.SQLDouble: "DOUBLE",
	engine.SQLBoolean: "BOOLEAN", engine.SQLDate: "DATE", engine.SQLDateTime: "TIMESTAMP WITH TIME ZONE",
}

// constantOf writes a value in SQL.
func constantOf(v engine.SQLParameter) (string, error) {
	switch v.Kind {
	case engine.SQLNull:
		if kind, ok := nulls[engine.SQLKind(v.Text)]; ok {
			return "(SELECT CAST(NULL AS " + kind + "))", nil // a plain constant would lose its type
		}
		return "NULL", nil
	case engine.SQLBoolean:
		return strconv.FormatBool(v.Text == "true"), nil
	case engine.SQLInteger:
		n, err := strconv.ParseInt(v.Text, 10, 64)
		if err != nil {
			return "", errors.New("not an integer")
		}
		return "CAST('" + strconv.FormatInt(n, 10) + "' AS BIGINT)", nil
	case engine.SQLDouble:
		x, err := strconv.ParseFloat(v.Text, 64)
		if err != nil || math.IsNaN(x) || math.IsInf(x, 0) {
			return "", errors.New("not a number")
		}
		return "CAST('" + strconv.FormatFloat(x, 'g', -1, 64) + "' AS DOUBLE)", nil
	case engine.SQLDate:
		day, err := time.Parse(time.DateOnly, v.Text)
		if err != nil {
			return "", errors.New("not a date")
		}
		return "CAST('" + day.Format(time.DateOnly) + "' AS DATE)", nil
	case engine.SQLDateTime:
		at, err := time.Parse(time.RFC3339Nano, v.Text)
		if err != nil {
			return "", errors.New("not a date-time")
		}
		return "make_timestamptz(" + strconv.FormatInt(at.UnixMicro(), 10) + ")", nil
	case engine.SQLString:
		if !utf8.ValidString(v.Text) || strings.ContainsRune(v.Text, 0) {
			return "", errors.New("not valid text")
		}
		return "decode(unhex('" + hex.EncodeToString([]byte(v.Text)) + "'))", nil
	default:
		return "", fmt.Errorf("a value of kind %q", v.Kind)
	}
}
