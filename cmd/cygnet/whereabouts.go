// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package main

import (
	"cygnet/engine"
	"cygnet/internal/config"
	"cygnet/internal/geoip"
)

// engineOf makes of cfg what the engine runs on.
func (d *daemon) engineOf(cfg *config.Config, on config.Machine, key [keyBytes]byte) (engine.Config, []config.Notice) {
	run, notices := cfg.Engine(on, key)
	run.Tarpit.Geo = locating(d.geo)
	return run, notices
}

// locating is l for the engine, which knows no such thing as a nil one.
func locating(l *geoip.Locator) engine.Geo {
	if l == nil {
		return nil
	}
	return l
}

// locatorFor is what tells where the tarpit's sources are under cfg; nil where no
// database is named. The one in use stays, unless its file was replaced by one that
// can be opened. Only Apply, which is called by one goroutine at a time, changes
// what it reads of d.
func (d *daemon) locatorFor(cfg *config.Config) (*geoip.Locator, error) {
	if cfg.GeoIP == "" {
		return nil, nil
	}
	mine := d.geo != nil && cfg.GeoIP == d.cfg.GeoIP
	if mine && !d.geo.Stale() {
		return d.geo, nil
	}
	l, err := geoip.Open(cfg.GeoIP)
	if err != nil && mine {
		return d.geo, nil
	}
	return l, err
}

// drop closes l, unless it is in use.
func (d *daemon) drop(l *geoip.Locator) {
	if l != d.geo {
		l.Close()
	}
}
