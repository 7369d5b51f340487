package disk

// The reserve by default: the smaller of the two.
const (
	maxReserve   = 1 << 30
	reserveShare = 20 // a twentieth of the disk
)

// Reserve returns the bytes to leave free on a disk of size total: the setting, or
// the default if it is 0.
func Reserve(setting, total int64) int64 {
	if setting > 0 {
		return setting
	}
	return min(maxReserve, total/reserveShare)
}
