package access

// Limits limits what a token may use. 0 means no limit.
type Limits struct {
	RequestsPerMinute int64 `json:"requests_per_minute,omitempty" minimum:"0" maximum:"1000000000000" doc:"Requests of any kind; counted at each node."`
	RowsPerDay        int64 `json:"rows_per_day,omitempty"        minimum:"0" maximum:"1000000000000" doc:"Rows read, written and deleted in a UTC day."`
	BytesPerDay       int64 `json:"bytes_per_day,omitempty"       minimum:"0" maximum:"1000000000000" doc:"Bytes of response bodies in a UTC day."`
	RequestsPerMonth  int64 `json:"requests_per_month,omitempty"  minimum:"0" maximum:"1000000000000" doc:"Requests for rows in a UTC month."`
}

// MaxLimit is the highest limit.
const MaxLimit = 1_000_000_000_000

// Valid reports whether every limit is in its bounds.
func (l Limits) Valid() bool {
	for _, n := range []int64{l.RequestsPerMinute, l.RowsPerDay, l.BytesPerDay, l.RequestsPerMonth} {
		if n < 0 || n > MaxLimit {
			return false
		}
	}
	return true
}

// Quotas reports whether there is a limit of a day or a month.
func (l Limits) Quotas() bool { return l.RowsPerDay > 0 || l.BytesPerDay > 0 || l.RequestsPerMonth > 0 }
