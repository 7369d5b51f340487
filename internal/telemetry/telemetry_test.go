package telemetry_test

import (
	"bytes"
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/windlass-io/windlass/internal/telemetry"
)

func TestLoggerAddsTheAttributesOfTheContext(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	logger := telemetry.Logger(&out, "json", "info").With("node", "node_1")
	ctx := telemetry.With(t.Context(), slog.String("request_id", "req_1"))
	ctx = telemetry.With(ctx, slog.String("trace_id", "4bf9"))
	logger.InfoContext(ctx, telemetry.RequestServed, "status", 200)
	logger.DebugContext(ctx, telemetry.DialRefused)
	var record map[string]any
	if err := json.Unmarshal(out.Bytes(), &record); err != nil {
		t.Fatalf("%v in %s", err, out.Bytes())
	}
	for name, want := range map[string]any{
		"msg": "request", "node": "node_1", "request_id": "req_1", "trace_id": "4bf9", "status": 200.0,
	} {
		if record[name] != want {
			t.Errorf("%s is %v, want %v", name, record[name], want)
		}
	}
}

// TestFileIsReopened moves a log file away, as logrotate does.
func TestFileIsReopened(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "windlass.log")
	file, err := telemetry.OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = file.Close() })
	logger := telemetry.Logger(file, "text", "info")
	logger.Info(telemetry.ServiceStarted)
	if err := os.Rename(path, path+".1"); err != nil {
		t.Fatal(err)
	}
	if err := file.Reopen(); err != nil {
		t.Fatal(err)
	}
	logger.Info(telemetry.ServiceStopped)
	for name, want := range map[string]string{path + ".1": "service started", path: "service stopped"} {
		text, err := os.ReadFile(name)
		if err != nil || strings.Count(string(text), "\n") != 1 || !strings.Contains(string(text), want) {
			t.Errorf("%s has %q, %v", name, text, err)
		}
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file has mode %v, %v", info.Mode(), err)
	}
}

// TestMessagesAreConstants finds calls of a logger whose message isn't a constant of
// this package. The sandbox has its own log.
func TestMessagesAreConstants(t *testing.T) {
	t.Parallel()
	root, calls := filepath.Join("..", ".."), 0
	err := filepath.WalkDir(filepath.Join(root, "internal"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() && d.Name() == "sandbox" {
			return filepath.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			if call, ok := n.(*ast.CallExpr); ok && isLogged(call) {
				calls++
				if text := literal(call); text != "" {
					t.Errorf("%s: the message %s isn't a constant of package telemetry", path, text)
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if calls < 30 {
		t.Errorf("only %d calls were found", calls)
	}
}

// isLogged reports whether a call is one of a logger's.
func isLogged(call *ast.CallExpr) bool {
	method, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	switch strings.TrimSuffix(method.Sel.Name, "Context") {
	case "Info", "Warn", "Error", "Debug":
	default:
		return false
	}
	switch receiver := method.X.(type) {
	case *ast.SelectorExpr:
		return strings.EqualFold(receiver.Sel.Name, "logger")
	case *ast.Ident:
		return strings.EqualFold(receiver.Name, "logger")
	}
	return false
}

// literal returns the message of a call if it is a literal, else "".
func literal(call *ast.CallExpr) string {
	for _, argument := range call.Args[:min(len(call.Args), 2)] {
		if text, ok := argument.(*ast.BasicLit); ok && text.Kind == token.STRING {
			return text.Value
		}
		if _, ok := argument.(*ast.SelectorExpr); ok {
			return "" // a constant comes first, and then the attributes
		}
	}
	return ""
}
