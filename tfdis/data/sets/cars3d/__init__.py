"""Cars3D: 183 cars seen from 24 azimuths and 4 elevations."""
