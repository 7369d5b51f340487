package delivery

// texts has texts by name. They are few, so that a list is faster than a map.
type texts []namedText

type namedText struct{ name, text string }

// of returns the text of a name; ok is false if there is none.
func (t texts) of(name string) (text string, ok bool) {
	for i := range t {
		if t[i].name == name {
			return t[i].text, true
		}
	}
	return "", false
}

// set sets the text of a name.
func (t *texts) set(name, text string) {
	for i := range *t {
		if (*t)[i].name == name {
			(*t)[i].text = text
			return
		}
	}
	*t = append(*t, namedText{name, text})
}
