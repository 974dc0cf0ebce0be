return machine { cdrom { id = "a-name-that-leaves-no-room-for-numbers" } }
