// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package events

import (
	"cmp"
	"slices"
)

// portName is a TCP port and what it is for.
type portName struct {
	port uint16
	name string
}

// portNames are the ports that scanners look for, in ascending order. Names
// are those of the IANA Service Name and Transport Protocol Port Number
// Registry (RFC 6335).
var portNames = [...]portName{
	{1, "tcpmux"}, {7, "echo"}, {9, "discard"}, {11, "systat"}, {13, "daytime"}, {17, "qotd"}, {19, "chargen"},
	{20, "ftp-data"}, {21, "ftp"}, {22, "ssh"}, {23, "telnet"}, {25, "smtp"}, {37, "time"}, {43, "nicname"},
	{49, "tacacs"}, {53, "domain"}, {70, "gopher"}, {79, "finger"}, {80, "http"}, {88, "kerberos"}, {102, "iso-tsap"},
	{110, "pop3"}, {111, "sunrpc"}, {113, "ident"}, {119, "nntp"}, {123, "ntp"}, {135, "epmap"}, {137, "netbios-ns"},
	{139, "netbios-ssn"}, {143, "imap"}, {161, "snmp"}, {177, "xdmcp"}, {179, "bgp"}, {194, "irc"}, {199, "smux"},
	{264, "bgmp"}, {389, "ldap"}, {427, "svrloc"}, {443, "https"}, {445, "microsoft-ds"}, {464, "kpasswd"},
	{465, "submissions"}, {500, "isakmp"}, {502, "mbap"}, {512, "exec"}, {513, "login"}, {514, "shell"},
	{515, "printer"}, {543, "klogin"}, {544, "kshell"}, {548, "afpovertcp"}, {554, "rtsp"}, {587, "submission"},
	{593, "http-rpc-epmap"}, {623, "oob-ws-http"}, {631, "ipp"}, {636, "ldaps"}, {646, "ldp"}, {749, "kerberos-adm"},
	{853, "domain-s"}, {873, "rsync"}, {902, "ideafarm-door"}, {989, "ftps-data"}, {990, "ftps"}, {992, "telnets"},
	{993, "imaps"}, {995, "pop3s"}, {1080, "socks"}, {1099, "rmiregistry"}, {1194, "openvpn"}, {1352, "lotusnote"},
	{1433, "ms-sql-s"}, {1434, "ms-sql-m"}, {1521, "ncube-lm"}, {1720, "h323hostcall"}, {1723, "pptp"}, {1883, "mqtt"},
	{1900, "ssdp"}, {1911, "mtp"}, {1935, "macromedia-fcs"}, {2000, "cisco-sccp"}, {2049, "nfs"},
	{2222, "EtherNet-IP-1"}, {2375, "docker"}, {2376, "docker-s"}, {2379, "etcd-client"}, {2380, "etcd-server"},
	{2404, "iec-104"}, {2483, "ttc"}, {3260, "iscsi-target"}, {3268, "msft-gc"}, {3269, "msft-gc-ssl"}, {3306, "mysql"},
	{3389, "ms-wbt-server"}, {3478, "stun"}, {3632, "distcc"}, {3690, "svn"}, {4369, "epmd"}, {4786, "smart-install"},
	{4840, "opcua-tcp"}, {4899, "radmin-port"}, {5000, "commplex-main"}, {5060, "sip"}, {5061, "sips"},
	{5222, "xmpp-client"}, {5269, "xmpp-server"}, {5357, "wsdapi"}, {5432, "postgresql"}, {5555, "personal-agent"},
	{5631, "pcanywheredata"}, {5666, "nrpe"}, {5671, "amqps"}, {5672, "amqp"}, {5683, "coap"}, {5900, "rfb"},
	{5984, "couchdb"}, {5985, "wsman"}, {5986, "wsmans"}, {6379, "redis"}, {6443, "sun-sr-https"}, {6514, "syslog-tls"},
	{7001, "afs3-callback"}, {7547, "cwmp"}, {8000, "irdmi"}, {8008, "http-alt"}, {8080, "http-alt"},
	{8081, "sunproxyadmin"}, {8088, "radan-http"}, {8443, "pcsync-https"}, {8883, "secure-mqtt"}, {9090, "websm"},
	{9100, "pdl-datastream"}, {9200, "wap-wsp"}, {9418, "git"}, {10000, "ndmp"}, {10050, "zabbix-agent"},
	{11211, "memcache"}, {20000, "dnp"}, {27017, "mongodb"}, {44818, "EtherNet-IP-2"}, {47808, "bacnet"},
}

// PortName returns what a TCP port is usually for, such as "ssh", and nothing
// for a port that scanners rarely look for.
func PortName(port uint16) string {
	i, found := slices.BinarySearchFunc(portNames[:], port, func(p portName, port uint16) int {
		return cmp.Compare(p.port, port)
	})
	if !found {
		return ""
	}
	return portNames[i].name
}
