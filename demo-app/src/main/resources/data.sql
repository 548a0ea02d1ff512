INSERT INTO proverb (id, text) VALUES
	(1, 'Many hands make light work.'),
	(2, 'A watched pot never boils.'),
	(3, 'Great oaks from little acorns grow.'),
	(4, 'Every man to his trade.'),
	(5, 'Slow and steady wins the race.');
