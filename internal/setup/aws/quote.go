package aws

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf16"
)

// bareCharacters need no quotes in a POSIX shell.
const bareCharacters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:=,"

// ShellQuote returns text as one word for a POSIX shell.
func ShellQuote(text string) string {
	if text != "" && strings.Trim(text, bareCharacters) == "" {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}

// quote returns text as a JSON string, which is also a YAML string. It escapes
// characters beyond U+00FF, which IAM doesn't accept in a document:
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutRolePolicy.html
func quote(text string) string {
	var encoded bytes.Buffer
	encoder := json.NewEncoder(&encoded)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(text); err != nil {
		return `""` // a string always encodes
	}
	var out strings.Builder
	for _, r := range strings.TrimSuffix(encoded.String(), "\n") {
		if r <= 0xff {
			out.WriteRune(r)
			continue
		}
		for _, unit := range utf16.Encode([]rune{r}) {
			fmt.Fprintf(&out, `\u%04x`, unit)
		}
	}
	return out.String()
}
