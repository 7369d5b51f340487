package cell

// IsMarker reports whether a text without blanks around it means null in
// delimited text: NULL, N/A and NaN in any case, NA, #N/A, None and \N. In a
// column of strings only \N does; see [IsNullMarker].
func IsMarker(text []byte) bool {
	switch len(text) {
	case 2:
		return text[0] == 'N' && text[1] == 'A' || IsNullMarker(text)
	case 3:
		return isWord(text, "nan") || text[1] == '/' && text[0]|0x20 == 'n' && text[2]|0x20 == 'a'
	case 4:
		return isWord(text, "null") || string(text) == "None" || string(text) == "#N/A"
	}
	return false
}

// IsNullMarker reports whether a text is \N, which is null in every column of
// delimited text.
func IsNullMarker(text []byte) bool { return len(text) == 2 && text[0] == '\\' && text[1] == 'N' }
