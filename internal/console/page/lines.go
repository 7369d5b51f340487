package page

import "strings"

// Lines returns the lines of a text field without blank ones, each without the blanks
// around it.
func Lines(text string) []string {
	var lines []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	return lines
}
