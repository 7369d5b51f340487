package console

// removePage asks before something is removed, and names what stops.
type removePage struct {
	shell
	Question string // the heading
	Verb     string // of the button
	Action   string // path the form posts to
	Back     string
	Impact   []impact
	Keeps    string // what is kept all the same
}

// impact is one thing that stops.
type impact struct{ Icon, Name, Text string }
