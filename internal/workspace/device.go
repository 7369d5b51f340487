package workspace

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"
	"time"
)

// DeviceLifetime is how long a browser stays known after a sign-in.
const DeviceLifetime = 180 * 24 * time.Hour

// maxDevices limits the members that one browser is known for.
const maxDevices = 5

// A device's text has an entry for each member who signed in there:
// "member.random.expiry.mac", the newest first, joined by "~". The MAC covers the
// member's password hash, so a new password makes every device unknown.

// Device returns the text that makes a browser known for a member, after a
// sign-in. text is the browser's previous one.
func (s *Service) Device(ctx context.Context, member Member, text string) (string, error) {
	key, err := s.deviceKey(ctx)
	if err != nil {
		return "", err
	}
	random := s.deviceOf(key, &member, text)
	if random == "" {
		random = rand.Text()
	}
	until := strconv.FormatInt(s.config.Now().Add(DeviceLifetime).Unix(), 36)
	entries := []string{strings.Join([]string{member.ID, random, until, deviceMAC(key, &member, random, until)}, ".")}
	for _, entry := range deviceEntries(text) {
		if id, _, _ := strings.Cut(entry, "."); id != member.ID && len(entries) < maxDevices {
			entries = append(entries, entry)
		}
	}
	return strings.Join(entries, "~"), nil
}

// KnowsDevice reports whether a browser is known for a member.
func (s *Service) KnowsDevice(ctx context.Context, member Member, text string) (bool, error) {
	device, err := s.device(ctx, &member, text)
	return device != "", err
}

// device returns the random ID by which a browser is known for a member, or an
// empty string if it isn't.
func (s *Service) device(ctx context.Context, member *Member, text string) (string, error) {
	if text == "" || member.ID == "" {
		return "", nil
	}
	key, err := s.deviceKey(ctx)
	if err != nil {
		return "", err
	}
	return s.deviceOf(key, member, text), nil
}

func (s *Service) deviceOf(key []byte, member *Member, text string) string {
	for _, entry := range deviceEntries(text) {
		parts := strings.Split(entry, ".")
		if len(parts) != 4 || parts[0] != member.ID {
			continue
		}
		until, err := strconv.ParseInt(parts[2], 36, 64)
		if err != nil || s.config.Now().Unix() >= until {
			continue
		}
		if hmac.Equal([]byte(parts[3]), []byte(deviceMAC(key, member, parts[1], parts[2]))) {
			return parts[1]
		}
	}
	return ""
}

func deviceEntries(text string) []string {
	if text == "" || len(text) > 2048 {
		return nil
	}
	entries := strings.Split(text, "~")
	return entries[:min(len(entries), maxDevices)]
}

func deviceMAC(key []byte, member *Member, random, until string) string {
	mac := hmac.New(sha256.New, key)
	for _, part := range []string{"windlass device 1", member.ID, random, until, member.PasswordHash} {
		_, _ = mac.Write([]byte(part))
		_, _ = mac.Write([]byte{0})
	}
	return hex.EncodeToString(mac.Sum(nil)[:16])
}

// deviceKey returns the key of all devices, which every node shares.
func (s *Service) deviceKey(ctx context.Context) ([]byte, error) {
	s.mu.Lock()
	key := s.devices
	s.mu.Unlock()
	if key != nil {
		return key, nil
	}
	key, err := s.config.Store.InstanceSecret(ctx, "device")
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.devices = key
	return key, nil
}
