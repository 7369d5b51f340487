package page

// Chip is a status in a word, a sign and a tone; never by colour alone.
type Chip struct{ Tone, Icon, Label string }
