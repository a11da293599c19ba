-- How people quote each meter.
SELECT m.meter, m.unit, m.quoted_per
FROM meters AS m;
