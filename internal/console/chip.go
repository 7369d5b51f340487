package console

// chip is a status in a word, a sign and a tone; never by colour alone.
type chip struct{ Tone, Icon, Label string }
