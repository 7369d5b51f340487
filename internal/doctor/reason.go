package doctor

import "github.com/windlass-io/windlass/internal/object"

func (r *run) reasonTrust(c *Check) bool                                        { return false }
func (r *run) reasonPermission(c *Check, action string, l object.Location) bool { return false }
func (r *run) bucketFix() *Fix                                                  { return nil }
