package door_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"net/http"
	"strconv"
	"testing"

	"github.com/windlass-io/windlass/internal/door"
	"github.com/windlass-io/windlass/internal/problem"
)

// TestEveryCodeHasAStatus reads the codes from the source of package problem.
func TestEveryCodeHasAStatus(t *testing.T) {
	t.Parallel()
	file, err := parser.ParseFile(token.NewFileSet(), "../problem/problem.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	codes := 0
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if kind, isIdent := specType(spec, ok); !isIdent || kind != "Code" {
			return true
		}
		text, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
		if err != nil {
			t.Fatal(err)
		}
		codes++
		code := problem.Code(text)
		if status := door.StatusOf(code); (status == http.StatusInternalServerError) != (code == problem.Internal) ||
			door.CodeOf(status) != code {
			t.Errorf("%s has the status %d, whose code is %s", code, status, door.CodeOf(status))
		}
		return true
	})
	if codes < 14 {
		t.Errorf("only %d codes were found", codes)
	}
}

func specType(spec *ast.ValueSpec, ok bool) (string, bool) {
	if !ok {
		return "", false
	}
	ident, isIdent := spec.Type.(*ast.Ident)
	if !isIdent {
		return "", false
	}
	return ident.Name, true
}
