package config

import (
	"reflect"
	"strconv"
	"time"
)

// Origin is where the value of a setting comes from.
type Origin string

// The origins, the strongest last.
const (
	FromDefault     Origin = "default"
	FromFile        Origin = "file"
	FromEnvironment Origin = "environment"
	FromFlag        Origin = "flag"
	Fixed           Origin = "fixed" // not a setting
)

// Value is the effective value of a setting.
type Value struct {
	Name   string `json:"name"`
	Value  string `json:"value"` // a secret that is set reads "[redacted]"
	Origin Origin `json:"origin"`
	Doc    string `json:"doc"`
}

// Show returns every setting, in the order of [Fields]. If they are invalid,
// it returns them along with the error.
func Show(sources Sources) ([]Value, error) {
	sources, err := sources.withSecretFiles()
	if err != nil {
		return nil, err
	}
	inFile, err := readFile(sources.File)
	if err != nil {
		return nil, err
	}
	c, err := fromValues(inFile, sources)
	if c.Dir == "" { // a value has no meaning
		return nil, err
	}
	fields, members := Fields(), reflect.ValueOf(c)
	values := make([]Value, len(fields))
	for i, field := range fields {
		values[i] = Value{
			Name: field.Name, Value: textOf(members.Field(i).Interface()),
			Origin: field.origin(inFile, sources), Doc: field.Doc,
		}
		if field.Secret && values[i].Origin != FromDefault {
			values[i].Value = redacted
		}
	}
	return values, err
}

// redacted is the value of a secret where settings are shown.
const redacted = "[redacted]"

// personal has the settings with e-mail addresses, which must not be logged.
var personal = map[string]bool{"owner": true, "acme_email": true}

// Changed returns the settings that don't have their default, for the log. Secrets
// and e-mail addresses read "[redacted]".
func (c *Config) Changed() map[string]string {
	defaults, err := fromValues(nil, Sources{Getenv: func(string) string { return "" }})
	if err != nil {
		return nil
	}
	changed := map[string]string{}
	members, without := reflect.ValueOf(*c), reflect.ValueOf(defaults)
	for i, field := range Fields() {
		value := textOf(members.Field(i).Interface())
		if value == textOf(without.Field(i).Interface()) {
			continue
		}
		if field.Secret || personal[field.Name] {
			value = redacted
		}
		changed[field.Name] = value
	}
	return changed
}

// origin returns the source that takes precedence.
func (f *Field) origin(file map[string]any, sources Sources) Origin {
	if _, ok := sources.Flags[f.Name]; ok {
		return FromFlag
	}
	if sources.Getenv(f.Env) != "" {
		return FromEnvironment
	}
	if _, ok := file[f.Name]; ok {
		return FromFile
	}
	return FromDefault
}

func textOf(value any) string {
	switch v := value.(type) {
	case string:
		return v
	case bool:
		return strconv.FormatBool(v)
	case int:
		return strconv.Itoa(v)
	case int64:
		return strconv.FormatInt(v, 10)
	case Size:
		return v.String()
	case Duration:
		return v.String()
	default:
		return ""
	}
}

// String returns the size in its largest whole unit, such as "64KiB".
func (s Size) String() string {
	for _, unit := range []int{2, 1, 0} { // GiB, MiB, KiB
		if u := sizeUnits[unit]; s > 0 && int64(s)%u.bytes == 0 {
			return strconv.FormatInt(int64(s)/u.bytes, 10) + u.suffix
		}
	}
	return strconv.FormatInt(int64(s), 10)
}

// String returns the time in its largest whole unit, such as "30s" or "2m".
func (d Duration) String() string {
	for _, unit := range []struct {
		suffix string
		length time.Duration
	}{{"d", 24 * time.Hour}, {"h", time.Hour}, {"m", time.Minute}, {"s", time.Second}} {
		if t := time.Duration(d); t > 0 && t%unit.length == 0 {
			return strconv.FormatInt(int64(t/unit.length), 10) + unit.suffix
		}
	}
	return time.Duration(d).String()
}
