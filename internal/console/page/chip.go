package page

// Chip shows a status by a word, an icon and a tone, not only by color.
type Chip struct{ Tone, Icon, Label string }
