module berth/lines

go 1.26.0
