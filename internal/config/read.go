package config

import (
	"cmp"
	"encoding"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"reflect"
	"slices"
	"strconv"

	"github.com/pelletier/go-toml/v2"

	"github.com/windlass-io/windlass/internal/problem"
)

// readFile reads a TOML file of settings. A name that isn't a setting is an
// error: it is usually a typing error.
func readFile(name string) (map[string]any, error) {
	if name == "" {
		return nil, nil
	}
	text, err := os.ReadFile(name) //nolint:gosec // the operator names it
	if errors.Is(err, fs.ErrNotExist) {
		return nil, problem.New(problem.Invalid, "The configuration file %s doesn't exist.", name)
	}
	values := map[string]any{}
	if err == nil {
		err = toml.Unmarshal(text, &values)
	}
	if err != nil {
		return nil, problem.New(problem.Invalid, "The configuration file %s can't be read: %w.", name, err)
	}
	return values, checkNames(values, name)
}

func checkNames(values map[string]any, file string) error {
	known := map[string]bool{}
	for _, field := range Fields() {
		known[field.Name] = true
	}
	var findings []problem.Finding
	for name := range values {
		if !known[name] {
			findings = append(findings, problem.Finding{Path: name, Message: "isn't a setting"})
		}
	}
	if len(findings) == 0 {
		return nil
	}
	slices.SortFunc(findings, func(a, b problem.Finding) int { return cmp.Compare(a.Path, b.Path) })
	return problem.New(problem.Invalid, "The configuration file %s has settings that don't exist.", file).
		WithFindings(findings...)
}

// value returns a setting's value from the source that takes precedence, nil
// when no source has one.
func (f *Field) value(file map[string]any, sources Sources) any {
	if v, ok := sources.Flags[f.Name]; ok {
		return v
	}
	if v := sources.Getenv(f.Env); v != "" {
		return v
	}
	if v, ok := file[f.Name]; ok {
		return v
	}
	if f.Default != "" {
		return f.Default
	}
	return nil
}

// setValue parses the text of a value into a field of Config.
func setValue(field reflect.Value, value any) error {
	text := fmt.Sprint(value)
	if u, ok := field.Addr().Interface().(encoding.TextUnmarshaler); ok {
		return u.UnmarshalText([]byte(text))
	}
	switch field.Kind() {
	case reflect.String:
		s, ok := value.(string)
		if !ok {
			return fmt.Errorf("must be text in quotes, not %s", text)
		}
		field.SetString(s)
	case reflect.Bool:
		b, err := strconv.ParseBool(text)
		if err != nil {
			return fmt.Errorf("must be true or false, not %q", text)
		}
		field.SetBool(b)
	case reflect.Int, reflect.Int64:
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil || field.OverflowInt(n) {
			return fmt.Errorf("must be a whole number, not %q", text)
		}
		field.SetInt(n)
	default:
		return fmt.Errorf("has a type that settings don't support: %s", field.Type())
	}
	return nil
}
