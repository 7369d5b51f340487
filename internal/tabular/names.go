package tabular

import "github.com/windlass-io/windlass/internal/dataset"

// SetNames sets how the content names the columns of the dataset. It is called
// before the content is read.
func (c *Content) SetNames(names dataset.Names) {
	switch {
	case c.table != nil:
		c.table.SetNames(names)
	case c.stream != nil:
		c.stream.SetNames(names)
	case c.file != nil:
		c.file.SetNames(names)
	}
}
